"""The model commitment: keccak256 over canonical integers, so that no file format can change it."""

from __future__ import annotations

import numpy as np
from Crypto.Hash import keccak

from .integer import IntegerModel, Layer

DOMAIN = b"pentimento-model-v1"


def commitment(model: IntegerModel) -> str:
    """keccak256 of the model's layers and palette, as `0x` and 64 hex digits."""
    digest = keccak.new(digest_bits=256)
    digest.update(DOMAIN)
    for layer in model.layers:
        digest.update(layer_bytes(layer))
    digest.update(model.palette.astype(np.uint8).tobytes())
    return "0x" + digest.hexdigest()


def layer_bytes(layer: Layer) -> bytes:
    """Operation, a zero byte, shape, upsampling, shift (0 for a layer without one), weights, biases, branch weights."""
    numbers = [*layer.shape, layer.upsample, layer.shift]
    parts = [layer.op.encode("ascii"), b"\0", np.array(numbers, ">u4").tobytes()]
    if layer.weight is not None:
        parts.append(layer.weight.astype(np.int8).tobytes())
    if layer.bias is not None:
        parts.append(layer.bias.astype(">i4").tobytes())
    if layer.branch_weight is not None:
        parts.append(layer.branch_weight.astype(np.int8).tobytes())
    return b"".join(parts)
