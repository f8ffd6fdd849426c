"""The whole path at the smoke profile, and resuming after an interruption."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from pentimento_training import __main__ as cli
from pentimento_training import train as training
from pentimento_training.data import Collection, Palette
from pentimento_training.files import read_model
from pentimento_training.integer import evaluate
from pentimento_training.model import PRESETS
from pentimento_training.verify import DisagreementError, check_folder, check_runtime

TINY = training.Profile("tiny", 6, 4, batch=4, checkpoint_every=4, report_every=100)


@pytest.mark.parametrize("preset", ["M", "S"])
def test_smoke_profile_exports_a_model_that_verifies(preset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, work = tmp_path / f"smoke-{preset.lower()}", tmp_path / "work"
    arguments = ["train", "--preset", preset, "--profile", "smoke", "--out", str(out), "--work", str(work)]
    assert cli.main(arguments) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert metrics == json.loads((out / "metrics.json").read_text())
    assert metrics["paletteAdherence"] == 1
    assert {path.name for path in out.iterdir()} == {
        "manifest.json",
        "weights.safetensors",
        "decoder.onnx",
        "encoder.onnx",
        "card.md",
        "metrics.json",
        "vectors.json",
    }
    assert metrics["commitment"] in (out / "card.md").read_text()
    assert check_folder(out, out / "vectors.json") >= 22
    assert cli.main(["verify", str(out), "--vectors", str(out / "vectors.json")]) == 0


class Interruption(Exception):
    """Stands for a process that ends between two steps."""


def test_an_interrupted_run_ends_with_the_same_weights(
    collection: Collection, palette: Palette, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = training.start(PRESETS["S"], TINY, 1)
    training.train(whole, collection, palette, tmp_path / "whole.pt")

    original = training.train_step
    steps = 0

    def interrupted(*arguments: object) -> float:
        nonlocal steps
        steps += 1
        if steps in (6, 13):
            raise Interruption
        return original(*arguments)

    monkeypatch.setattr(training, "train_step", interrupted)
    for _ in range(2):
        with pytest.raises(Interruption):
            training.train(training.start(PRESETS["S"], TINY, 1), collection, palette, tmp_path / "parts.pt")
    resumed = training.start(PRESETS["S"], TINY, 1)
    training.train(resumed, collection, palette, tmp_path / "parts.pt")
    for name, value in whole.decoder.state_dict().items():
        assert torch.equal(value, resumed.decoder.state_dict()[name]), name
    assert whole.training_loss == resumed.training_loss


def test_a_checkpoint_of_another_run_is_refused(collection: Collection, palette: Palette, tmp_path: Path) -> None:
    training.train(training.start(PRESETS["S"], TINY, 1), collection, palette, tmp_path / "run.pt")
    with pytest.raises(ValueError, match="another run"):
        training.train(training.start(PRESETS["S"], TINY, 2), collection, palette, tmp_path / "run.pt")


def test_a_wrong_index_is_reported_with_its_place(model_folder: Path) -> None:
    model = read_model(model_folder)
    latents = np.zeros((1, model.latent_length), np.uint8)
    index = evaluate(model, latents).index
    index[0, 3, 5] ^= 1
    with pytest.raises(DisagreementError, match=r"\(0, 3, 5\)"):
        check_runtime(model_folder / "decoder.onnx", latents, index)
