"""The public client of the Open Inference Protocol (tritonclient), unmodified, against a server.

Reads {"http", "grpc", "cases": [{"model", "inputs": {name: [shape, datatype, base64]}, "outputs": {name: [shape, base64]}}]} on standard input
and prints the number of outputs that differ: over HTTP with binary tensors, over HTTP with JSON, and over gRPC.
"""

import base64
import json
import sys

import numpy as np
import tritonclient.grpc as grpc_client
import tritonclient.http as http_client

TYPES = {"UINT8": np.uint8, "FP32": np.float32}


def array(shape, datatype, data):
    return np.frombuffer(base64.b64decode(data), TYPES[datatype]).reshape(shape)


def infer(client, module, case, **binary):
    inputs = []
    for name, (shape, datatype, data) in case["inputs"].items():
        tensor = module.InferInput(name, shape, datatype)
        tensor.set_data_from_numpy(array(shape, datatype, data), **({"binary_data": binary["binary"]} if binary else {}))
        inputs.append(tensor)
    options = {"binary_data": binary["binary"]} if binary else {}
    outputs = [module.InferRequestedOutput(name, **options) for name in case["outputs"]]
    return client.infer(case["model"], inputs, outputs=outputs, request_id="a")


def main():
    request = json.load(sys.stdin)
    http, grpc = http_client.InferenceServerClient(request["http"]), grpc_client.InferenceServerClient(request["grpc"])
    assert http.is_server_ready() and grpc.is_server_ready()
    mismatches = 0
    for case in request["cases"]:
        assert http.is_model_ready(case["model"]) and grpc.is_model_ready(case["model"])
        answers = [
            infer(http, http_client, case, binary=True),
            infer(http, http_client, case, binary=False),
            infer(grpc, grpc_client, case),
        ]
        for name, (shape, data) in case["outputs"].items():
            expected = array(shape, "UINT8", data)
            mismatches += sum(not np.array_equal(answer.as_numpy(name), expected) for answer in answers)
        assert http.get_model_metadata(case["model"])["name"] == case["model"]
        assert (
            grpc.get_model_config(case["model"]).config.max_batch_size == http.get_model_config(case["model"])["max_batch_size"]
        )
        assert grpc.get_inference_statistics(case["model"]).model_stats[0].inference_stats.success.count > 0
    http.close()
    grpc.close()
    print(json.dumps({"cases": len(request["cases"]), "mismatches": mismatches}))


main()
