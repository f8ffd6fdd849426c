"""Straight-through quantisation with one power-of-two scale per tensor.

An activation `x` stands for the integer `16 x` in 0..127. A weight `w` of a layer with exponent `e` stands for
`round(2^e w)`, a bias for `round(16 * 2^e b)`; the layer's accumulator is then the float result times `16 * 2^e`, and
its shift is `e`. All of these are dyadic, so float32 computes them exactly while |accumulator| < 2^24.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

ACTIVATION_SCALE = 16
ACTIVATION_MAX = 127
WEIGHT_MIN, WEIGHT_MAX = -128, 127
MIN_SHIFT = 1
MAX_SHIFT = 10
QUOTIENT_LIMIT = 3900
HEAD_LIMIT = 1 << 20
EXACT_LIMIT = 1 << 24
# Rounding to int8 moves a row's sum by at most half a step per weight; training keeps this much distance from the limits.
QUOTIENT_TARGET = 3500
HEAD_TARGET = int(0.95 * HEAD_LIMIT)


class _RoundStraightThrough(torch.autograd.Function):
    """floor(x + 1/2) forwards, the identity backwards."""

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return torch.floor(x + 0.5)

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        return gradient


class _ClampInwards(torch.autograd.Function):
    """Clamp to 0..127/16; a value outside keeps the gradient that pulls it back inside.

    An ordinary clamp would never let a saturated colour of an RGB head recover.
    """

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.clamp(0, ACTIVATION_MAX / ACTIVATION_SCALE)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        outwards = ((x < 0) & (gradient > 0)) | ((x > ACTIVATION_MAX / ACTIVATION_SCALE) & (gradient < 0))
        return gradient.masked_fill(outwards, 0)


def round_through(x: Tensor) -> Tensor:
    """Round half up, with the gradient of the identity."""
    return _RoundStraightThrough.apply(x)


def exponent_for(weights: Sequence[Tensor]) -> int:
    """The exponent in 1..10 with which int8 comes closest to `weights`, by the mean squared error.

    A few large weights may saturate, where the finer step for all others is worth more: the usual choice of a weight's range
    (Nagel et al. 2021, A White Paper on Neural Network Quantization, section 3.1). `project_range` then brings them inside.
    """
    values = torch.cat([weight.detach().flatten() for weight in weights])
    fitting = math.floor(math.log2(WEIGHT_MAX / max(float(values.abs().max()), 1e-6)))
    exponent = max(MIN_SHIFT, min(MAX_SHIFT, fitting))
    # Beyond the first exponent that saturates too much, every further one saturates more.
    while exponent < MAX_SHIFT and quantisation_error(values, exponent + 1) < quantisation_error(values, exponent):
        exponent += 1
    return exponent


def quantisation_error(values: Tensor, exponent: int) -> float:
    """Mean squared error of int8 with `exponent`."""
    return float((quantised_weight(values, exponent) - values).square().mean())


def head_exponent_for(weight: Tensor, bias: Tensor) -> int:
    """Like `exponent_for`, small enough that no logit can reach 2^20."""
    exponent = exponent_for([weight])
    largest = float(row_bound([weight], bias).max())
    while exponent > 0 and largest * 2**exponent >= HEAD_TARGET:
        exponent -= 1
    return exponent


def integer_weight(weight: Tensor, exponent: int) -> Tensor:
    """Weight as int8 values in a float tensor; differentiable by straight-through."""
    return round_through(weight * 2.0**exponent).clamp(WEIGHT_MIN, WEIGHT_MAX)


def integer_bias(bias: Tensor, exponent: int) -> Tensor:
    """Bias as accumulator values in a float tensor; differentiable by straight-through."""
    return round_through(bias * (2.0**exponent * ACTIVATION_SCALE))


def quantised_weight(weight: Tensor, exponent: int) -> Tensor:
    """The float weight that the integers stand for."""
    return integer_weight(weight, exponent) / 2.0**exponent


def quantised_bias(bias: Tensor, exponent: int) -> Tensor:
    """The float bias that the integers stand for."""
    return integer_bias(bias, exponent) / (2.0**exponent * ACTIVATION_SCALE)


def clamp_activation(x: Tensor) -> Tensor:
    """Clamp to 0..127/16, the range of an activation."""
    return x.clamp(0, ACTIVATION_MAX / ACTIVATION_SCALE)


def quantised_activation(x: Tensor) -> Tensor:
    """Clamp and round to a multiple of 1/16."""
    return round_through(clamp_activation(x) * ACTIVATION_SCALE) / ACTIVATION_SCALE


def output_activation(x: Tensor, quantised: bool) -> Tensor:
    """The colours of an RGB head in 0..127/16, with a gradient that lets saturated ones recover."""
    clamped = _ClampInwards.apply(x)
    return round_through(clamped * ACTIVATION_SCALE) / ACTIVATION_SCALE if quantised else clamped


def row_bound(weights: Sequence[Tensor], bias: Tensor) -> Tensor:
    """Largest |accumulator| / 2^exponent that any activations can cause, per output: [O]."""
    total = sum(weight.detach().abs().flatten(1).sum(1) for weight in weights)
    return total * ACTIVATION_MAX + bias.detach().abs() * ACTIVATION_SCALE


@torch.no_grad()
def project_rows(weights: Sequence[Tensor], bias: Tensor, limit: float = QUOTIENT_TARGET) -> None:
    """Shrink in place every output row whose bound exceeds `limit`.

    The bound after the shift does not depend on the exponent, so only smaller weights can meet it.
    """
    factor = (limit / row_bound(weights, bias)).clamp(max=1)
    for weight in weights:
        weight.mul_(factor.view(-1, *[1] * (weight.dim() - 1)))
    bias.mul_(factor)


@torch.no_grad()
def project_range(weights: Sequence[Tensor], exponent: int) -> None:
    """Clamp in place what saturates, so that the float weight is the integer's and keeps a gradient."""
    for weight in weights:
        weight.clamp_(WEIGHT_MIN / 2.0**exponent, WEIGHT_MAX / 2.0**exponent)
