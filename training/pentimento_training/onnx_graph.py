"""A small builder for ONNX graphs, opset 13."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
# The oldest container version that carries opset 13 in every runtime we support.
IR_VERSION = 8


# Name, element type and shape of an input or output.
Value = tuple[str, int, list[int | str]]


class GraphBuilder:
    """Collects nodes and constants, and names them in order."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: np.ndarray | np.generic) -> str:
        """Add a constant; returns its name."""
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name))
        return name

    def node(self, op: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        """Add a node with one output; returns the output's name."""
        name = output or f"value{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def nodes(self, op: str, inputs: list[str], count: int, **attributes: object) -> list[str]:
        """Add a node with `count` outputs; returns their names."""
        names = [f"value{len(self._nodes)}output{position}" for position in range(count)]
        self._nodes.append(helper.make_node(op, inputs, names, **attributes))
        return names

    def int32(self, value: int | np.ndarray) -> str:
        """Add an int32 constant."""
        return self.constant(np.asarray(value, np.int32))

    def int64(self, *values: int) -> str:
        """Add an int64 vector, as shapes and axes are given."""
        return self.constant(np.array(values, np.int64))

    def cast(self, x: str, dtype: int, output: str | None = None) -> str:
        """Convert to an ONNX element type."""
        return self.node("Cast", x, output=output, to=dtype)

    def model(self, name: str, source: Value, result: Value) -> onnx.ModelProto:
        """The checked model with one input and one output."""
        return self.model_of(name, [source], [result], OPSET)

    def model_of(self, name: str, sources: list[Value], results: list[Value], opset: int) -> onnx.ModelProto:
        """The checked model with several inputs and outputs."""
        inputs, outputs = ([helper.make_tensor_value_info(*value) for value in values] for values in (sources, results))
        graph = helper.make_graph(self._nodes, name, inputs, outputs, self._constants)
        opsets = [helper.make_opsetid("", opset)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="pentimento")
        onnx.checker.check_model(model, full_check=True)
        return model


UINT8, INT32, FLOAT = TensorProto.UINT8, TensorProto.INT32, TensorProto.FLOAT
