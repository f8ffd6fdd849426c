"""The committed models: manifest, commitment, bounds, vectors, and ONNX Runtime against the integer reference."""

from __future__ import annotations

import dataclasses
import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from conftest import MODELS, REPOSITORY
from Crypto.Hash import keccak
from PIL import Image

from pentimento_training.commitment import commitment
from pentimento_training.convert import within_bounds
from pentimento_training.files import read_model
from pentimento_training.integer import evaluate
from pentimento_training.verify import check_folder, check_runtime, check_vectors, session


def test_presets_m_and_s_are_committed() -> None:
    assert [folder.name for folder in MODELS] == ["nouns-m", "nouns-s"]


def test_vectors_agree_with_numpy_and_onnxruntime(model_folder: Path, vectors_file: Path) -> None:
    vectors = json.loads(vectors_file.read_text())
    assert check_vectors(read_model(model_folder), model_folder, vectors) >= 6
    assert check_folder(model_folder, vectors_file) >= 22


def test_vectors_contain_the_promised_cases(vectors_file: Path) -> None:
    cases = {case["name"]: case for case in json.loads(vectors_file.read_text())["cases"]}
    assert {"random-0", "random-1", "zeros", "maximum", "encoded-noun"} < set(cases)
    assert set(cases["zeros"]["latent"]) == {0}
    assert set(cases["maximum"]["latent"]) == {127}
    assert any("tie" in name for name in cases)


def test_the_tie_is_won_by_the_smaller_index(model_folder: Path, vectors_file: Path) -> None:
    tie = next((case for case in json.loads(vectors_file.read_text())["cases"] if case["name"] == "tie"), None)
    if tie is None:
        pytest.skip("this model has only a near tie")
    logits = np.array(tie["layers"]["head"]).reshape(16, -1)
    winners = logits == logits.max(0)
    assert (winners.sum(0) > 1).any()
    assert tie["index"] == [int(np.flatnonzero(column)[0]) for column in winners.T]


def test_commitment_follows_the_format_byte_by_byte(model_folder: Path) -> None:
    manifest = json.loads((model_folder / "manifest.json").read_text())
    raw = (model_folder / "weights.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])

    def tensor(name: str, item: str) -> bytes:
        first, last = header[name]["data_offsets"]
        values = np.frombuffer(raw[8 + length + first : 8 + length + last], "<" + item)
        return values.astype(">" + item).tobytes()

    message = b"pentimento-model-v1"
    for layer in manifest["layers"]:
        numbers = [*layer["shape"], layer.get("upsample", 1), layer.get("shift", 0)]
        message += layer["op"].encode() + b"\0" + struct.pack(f">{len(numbers)}I", *numbers)
        if "weight" in layer:
            message += tensor(layer["weight"], "i1") + tensor(layer["bias"], "i4")
        if "channelBias" in layer:
            message += tensor(layer["channelBias"]["weight"], "i1")
    message += b"".join(bytes.fromhex(colour[1:]) for colour in manifest["palette"])
    digest = keccak.new(digest_bits=256, data=message).hexdigest()
    assert manifest["commitment"] == "0x" + digest


def test_commitment_binds_weights_shifts_and_palette(model_folder: Path) -> None:
    model = read_model(model_folder)
    first = model.layers[0]
    assert first.weight is not None
    weight = first.weight.copy()
    weight[0, 0] ^= 1
    palette = model.palette.copy()
    palette[15, 2] ^= 1
    changed = [
        dataclasses.replace(model, layers=(dataclasses.replace(first, weight=weight), *model.layers[1:])),
        dataclasses.replace(model, layers=(dataclasses.replace(first, shift=first.shift + 1), *model.layers[1:])),
        dataclasses.replace(model, palette=palette),
    ]
    assert len({commitment(model), *map(commitment, changed)}) == 4
    assert commitment(dataclasses.replace(model, name="renamed")) == commitment(model)


def test_a_changed_weights_file_is_refused(model_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / model_folder.name
    shutil.copytree(model_folder, copy)
    weights = bytearray((copy / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "weights.safetensors").write_bytes(weights)
    with pytest.raises(ValueError, match="not the file"):
        read_model(copy)


def test_bounds_hold(model_folder: Path) -> None:
    assert within_bounds(read_model(model_folder))


def test_metrics_meet_the_targets(model_folder: Path) -> None:
    metrics = json.loads((model_folder / "metrics.json").read_text())
    assert metrics["commitment"] == json.loads((model_folder / "manifest.json").read_text())["commitment"]
    assert metrics["paletteAdherence"] == 1
    if metrics["preset"] == "M":
        assert metrics["int8PixelAccuracy"] >= 0.85


@pytest.mark.parametrize("count", [1, 31, 32, 65])
def test_runtime_agrees_at_every_batch_size(model_folder: Path, count: int) -> None:
    model = read_model(model_folder)
    latents = np.random.default_rng(count).integers(0, 128, (count, model.latent_length), np.uint8)
    check_runtime(model_folder / "decoder.onnx", latents, evaluate(model, latents).index)


def test_encoder_accepts_any_picture(model_folder: Path) -> None:
    photo = Image.open(REPOSITORY / "examples" / "sample.png").convert("RGB").resize((64, 64), Image.Resampling.BOX)
    pictures = np.stack(
        [
            np.asarray(photo, np.float32).transpose(2, 0, 1) / 255,
            np.zeros((3, 64, 64), np.float32),
            np.ones((3, 64, 64), np.float32),
            np.random.default_rng(0).random((3, 64, 64), np.float32),
        ]
    )
    latent = session(model_folder / "encoder.onnx", optimised=True).run(["latent"], {"image": pictures})[0]
    assert latent.dtype == np.uint8
    assert latent.shape == (4, 128)
    assert latent.max() <= 127
    assert len({bytes(row) for row in latent}) == 4
