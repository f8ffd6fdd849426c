"""A model of Triton's Python backend that runs the `model.onnx` beside it on ONNX Runtime, all requests of one call as one batch."""

import json
import os
import sys
from pathlib import Path

# The backend's interpreter runs isolated: PYTHONPATH is set for it, but not read by it.
sys.path[:0] = os.environ.get("PYTHONPATH", "").split(os.pathsep)

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import triton_python_backend_utils as triton  # noqa: E402


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        self.inputs = [tensor["name"] for tensor in config["input"]]
        self.outputs = [tensor["name"] for tensor in config["output"]]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        path = Path(args["model_repository"]) / args["model_version"] / "model.onnx"
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def execute(self, requests):
        batches = [[triton.get_input_tensor_by_name(request, name).as_numpy() for name in self.inputs] for request in requests]
        feeds = {name: np.concatenate([batch[i] for batch in batches]) for i, name in enumerate(self.inputs)}
        results = self.session.run(self.outputs, feeds)
        ends = np.cumsum([len(batch[0]) for batch in batches])[:-1]
        parts = zip(*[np.split(result, ends) for result in results], strict=True)
        return [
            triton.InferenceResponse([triton.Tensor(*named) for named in zip(self.outputs, part, strict=True)]) for part in parts
        ]
