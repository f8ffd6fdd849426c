"""The committed models: manifest, commitment, bounds, vectors, and ONNX Runtime against the integer reference."""

from __future__ import annotations

import dataclasses
import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from places import MODELS, REPOSITORY
from Crypto.Hash import keccak
from PIL import Image

from pentimento_training.book import check_book
from pentimento_training.card import card_text
from pentimento_training.commitment import commitment
from pentimento_training.convert import within_bounds
from pentimento_training.files import read_model
from pentimento_training.integer import evaluate
from pentimento_training.verify import DisagreementError, check_folder, check_runtime, check_vectors, session


def test_all_presets_are_committed() -> None:
    presets = {json.loads((folder / "manifest.json").read_text())["preset"]: folder.name for folder in MODELS}
    assert presets == {"L64": "nouns-l64", "M": "nouns-m", "S": "nouns-s", "RGB": "strokes-rgb"}


def test_vectors_agree_with_numpy_and_onnxruntime(model_folder: Path, vectors_file: Path) -> None:
    vectors = json.loads(vectors_file.read_text())
    assert check_vectors(read_model(model_folder), model_folder, vectors) >= 3
    assert check_folder(model_folder, vectors_file) >= 19


def test_vectors_contain_the_promised_cases(model_folder: Path, vectors_file: Path) -> None:
    model = read_model(model_folder)
    cases = {case["name"]: case for case in json.loads(vectors_file.read_text())["cases"]}
    assert {"encoded", "maximum"} < set(cases)
    assert set(cases["maximum"]["latent"]) == {127}
    assert len(cases) >= (3 if model.layers[-1].shape[-1] == 64 else 5)
    assert model.is_rgb or any("tie" in name for name in cases)
    assert vectors_file.stat().st_size <= 2_000_000


def test_the_tie_is_won_by_the_smaller_index(model_folder: Path, vectors_file: Path) -> None:
    cases = json.loads(vectors_file.read_text())["cases"]
    for tie in (case for case in cases if "tie" in case["name"]):
        logits = np.array(tie["layers"]["head"]).reshape(16, -1)
        winners = logits == logits.max(0)
        assert (winners.sum(0) > 1).any() == (tie["name"] == "tie")
        assert tie["index"] == [int(np.flatnonzero(column)[0]) for column in winners.T]


def test_a_wrong_case_is_reported(model_folder: Path, vectors_file: Path) -> None:
    vectors = json.loads(vectors_file.read_text())
    vectors["cases"][1]["layers"]["conv2"][77] += 1
    with pytest.raises(DisagreementError, match="conv2"):
        check_vectors(read_model(model_folder), model_folder, vectors)


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
    changed = [
        dataclasses.replace(model, layers=(dataclasses.replace(first, weight=weight), *model.layers[1:])),
        dataclasses.replace(model, layers=(dataclasses.replace(first, shift=first.shift + 1), *model.layers[1:])),
    ]
    if not model.is_rgb:
        palette = model.palette.copy()
        palette[15, 2] ^= 1
        changed.append(dataclasses.replace(model, palette=palette))
    assert len({commitment(model), *map(commitment, changed)}) == len(changed) + 1
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
    assert metrics["int8Loss"] <= 1.01 * metrics["floatControlLoss"]
    assert metrics["hardware"]["device"]
    if metrics["preset"] == "RGB":
        assert metrics["phases"]["int8"]["psnr"] >= 20
        return
    assert metrics["paletteAdherence"] == 1
    assert metrics["indexAgreement"] >= 0.97
    if metrics["preset"] in ("M", "L64"):
        assert metrics["int8PixelAccuracy"] >= 0.9


def test_the_card_is_made_from_the_metrics(model_folder: Path) -> None:
    metrics = json.loads((model_folder / "metrics.json").read_text())
    assert (model_folder / "card.md").read_text() == card_text(metrics)


def test_the_tables_of_the_book_follow_the_metrics() -> None:
    check_book()


@pytest.mark.parametrize("count", [1, 31, 32, 65])
def test_runtime_agrees_at_every_batch_size(model_folder: Path, count: int) -> None:
    model = read_model(model_folder)
    latents = np.random.default_rng(count).integers(0, 128, (count, model.latent_length), np.uint8)
    check_runtime(model_folder / "decoder.onnx", latents, evaluate(model, latents).image)


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
