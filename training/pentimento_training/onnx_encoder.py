"""The float encoder as ONNX, with batch normalisation folded into the convolutions."""

from __future__ import annotations

import numpy as np
import onnx
from torch import nn

from .model import Encoder
from .onnx_graph import FLOAT, UINT8, GraphBuilder
from .quantise import ACTIVATION_MAX

PICTURE_SIZE = 64


def encoder_graph(encoder: Encoder, name: str) -> onnx.ModelProto:
    """`image` float32 [N, 3, 64, 64] in 0..1 to `latent` uint8 [N, L] in 0..127."""
    graph = GraphBuilder()
    modules = list(encoder.net)
    x, length = "image", 0
    for position, module in enumerate(modules):
        if isinstance(module, nn.AvgPool2d):
            x = graph.node("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
        elif isinstance(module, nn.Conv2d):
            weight, bias = folded(module, modules[position + 1])
            x = graph.node("Conv", x, graph.constant(weight), graph.constant(bias), strides=[2, 2], pads=[1, 1, 1, 1])
        elif isinstance(module, nn.LeakyReLU):
            x = graph.node("LeakyRelu", x, alpha=module.negative_slope)
        elif isinstance(module, nn.Flatten):
            x = graph.node("Flatten", x, axis=1)
        elif isinstance(module, nn.Linear):
            length = module.out_features
            weight, bias = module.weight.detach().numpy(), module.bias.detach().numpy()
            x = graph.node("Gemm", x, graph.constant(weight), graph.constant(bias), transB=1)
    scaled = graph.node("Mul", graph.node("Sigmoid", x), graph.constant(np.float32(ACTIVATION_MAX)))
    rounded = graph.node("Floor", graph.node("Add", scaled, graph.constant(np.float32(0.5))))
    # Runtimes may approximate the sigmoid slightly above 1; a latent above 127 would be refused.
    clipped = graph.node("Clip", rounded, graph.constant(np.float32(0)), graph.constant(np.float32(ACTIVATION_MAX)))
    graph.cast(clipped, UINT8, output="latent")
    picture = ("image", FLOAT, ["N", 3, PICTURE_SIZE, PICTURE_SIZE])
    return graph.model(name, picture, ("latent", UINT8, ["N", length]))


def folded(convolution: nn.Conv2d, following: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    """The convolution's weight [O, I, 4, 4] and bias [O], with a following batch normalisation folded in."""
    assert convolution.bias is not None
    weight = convolution.weight.detach().double().numpy()
    bias = convolution.bias.detach().double().numpy()
    if isinstance(following, nn.BatchNorm2d):
        assert following.running_var is not None and following.running_mean is not None
        factor = following.weight.detach().double() / (following.running_var.double() + following.eps).sqrt()
        mean = following.running_mean.double().numpy()
        weight = weight * factor.numpy()[:, None, None, None]
        bias = (bias - mean) * factor.numpy() + following.bias.detach().double().numpy()
    return weight.astype(np.float32), bias.astype(np.float32)
