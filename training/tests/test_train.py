"""The whole path at the smoke profile, resuming, and what happens when something goes wrong."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pentimento_training import __main__ as cli
from pentimento_training import train as training
from pentimento_training.convert import integer_model
from pentimento_training.data import Collection
from pentimento_training.errors import TrainingError
from pentimento_training.evaluate import agreement
from pentimento_training.export import export
from pentimento_training.files import read_model, update_metrics, write_whole
from pentimento_training.integer import evaluate
from pentimento_training.invaders import draw_invaders
from pentimento_training.model import PRESETS
from pentimento_training.samples import write_samples
from pentimento_training.source import ImageSource, NounsSource, Source, shrink
from pentimento_training.strokes import paint_collection
from pentimento_training.verify import DisagreementError, check_folder, check_runtime

TINY = training.Profile("smoke", 6, 4, batch=4, evaluation_count=8, checkpoint_every=4, report_every=2)
FILES = {
    "manifest.json",
    "weights.safetensors",
    "decoder.onnx",
    "encoder.onnx",
    "card.md",
    "metrics.json",
    "sheet.png",
    "loss.svg",
}


@pytest.fixture(scope="session")
def nouns(collection: Collection) -> Source:
    """Nouns at 32x32."""
    return NounsSource(collection, 32)


@pytest.fixture
def invaders(tmp_path: Path) -> Path:
    """A folder of 20 images."""
    folder = tmp_path / "invaders"
    write_samples(draw_invaders(20, 1), folder)
    return folder


def test_a_folder_becomes_a_model_that_verifies(invaders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, work = tmp_path / "smoke", tmp_path / "work"
    arguments = [
        "train",
        "--collection",
        str(invaders),
        "--preset",
        "S",
        "--profile",
        "smoke",
        "--out",
        str(out),
        "--work",
        str(work),
    ]
    assert cli.main(arguments) == 0
    printed = capsys.readouterr()
    metrics = json.loads(printed.out)
    assert metrics == {**json.loads((out / "metrics.json").read_text()), "folder": str(out)}
    assert "int8 20/20 loss" in printed.err and "left" in printed.err
    assert {path.name for path in out.iterdir()} == FILES | {"vectors.json"}
    assert metrics["collection"] == "invaders"
    assert metrics["commitment"] in (out / "card.md").read_text()
    assert cli.main(["verify", str(out), "--vectors", str(out / "vectors.json")]) == 0


@pytest.mark.parametrize("preset", ["L64", "RGB"])
def test_every_head_and_size_exports(preset: str, collection: Collection, tmp_path: Path) -> None:
    source: Source
    if preset == "RGB":
        pictures = paint_collection(24).transpose(0, 3, 1, 2)
        source = ImageSource("paintings", pictures, shrink(pictures, 2), held_out=np.arange(4))
    else:
        source = NounsSource(collection, 64)
    run = training.start(PRESETS[preset], TINY, 0, source)
    training.train(run, source, tmp_path / "run.pt")
    metrics = export(run, source, "tiny", tmp_path / "tiny", tmp_path / "tiny.json")
    assert metrics["preset"] == preset
    assert {path.name for path in (tmp_path / "tiny").iterdir()} == FILES
    assert check_folder(tmp_path / "tiny", tmp_path / "tiny.json") >= 19


@pytest.mark.parametrize("steps", ["20", "60", "100"])
def test_any_number_of_steps_trains(steps: str, nouns: Source, tmp_path: Path) -> None:
    profile = cli.profile_of(cli.parser().parse_args(["train", "--preset", "S", "--profile", "smoke", "--steps", steps]))
    run = training.start(PRESETS["S"], replace(profile, batch=2), 0, nouns)
    training.train(run, nouns, tmp_path / "run.pt")
    assert set(run.training_loss) == set(training.PHASES)


def test_fewer_steps_than_a_phase_needs_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["train", "--preset", "S", "--steps", "19"])
    assert "Expected an integer of at least 20, got 19." in capsys.readouterr().err


class Crash(Exception):
    """Stands for a process that ends between two steps."""


def test_an_interrupted_run_ends_with_the_same_integers(nouns: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = training.start(PRESETS["S"], TINY, 1, nouns)
    training.train(whole, nouns, tmp_path / "whole.pt")

    original, steps = training.train_step, 0

    def interrupted(*arguments: object) -> float:
        nonlocal steps
        steps += 1
        if steps in (6, 13):
            raise Crash
        return original(*arguments)

    monkeypatch.setattr(training, "train_step", interrupted)
    for _ in range(2):
        with pytest.raises(Crash):
            training.train(training.start(PRESETS["S"], TINY, 1, nouns), nouns, tmp_path / "parts.pt")
    resumed = training.start(PRESETS["S"], TINY, 1, nouns)
    training.train(resumed, nouns, tmp_path / "parts.pt")
    for name, value in whole.decoder.state_dict().items():
        assert torch.equal(value, resumed.decoder.state_dict()[name]), name
    for first, second in zip(*(integer_model(run.decoder, nouns.palette, "x").layers for run in (whole, resumed)), strict=True):
        assert np.array_equal(first.weight, second.weight)
    assert (whole.training_loss, whole.history) == (resumed.training_loss, resumed.history)


def test_a_checkpoint_of_another_run_is_refused(nouns: Source, tmp_path: Path) -> None:
    training.train(training.start(PRESETS["S"], TINY, 1, nouns), nouns, tmp_path / "run.pt")
    refused(
        lambda: training.train(training.start(PRESETS["S"], TINY, 2, nouns), nouns, tmp_path / "run.pt"),
        "checkpoint/other-run",
        2,
    )
    (tmp_path / "run.pt").write_bytes(b"no checkpoint")
    refused(
        lambda: training.train(training.start(PRESETS["S"], TINY, 1, nouns), nouns, tmp_path / "run.pt"),
        "checkpoint/unreadable",
        3,
    )


def refused(action: object, code: str, status: int) -> TrainingError:
    """The action fails with this code and exit status, in one sentence or two."""
    with pytest.raises(TrainingError) as caught:
        action()
    assert (caught.value.code, caught.value.status) == (code, status)
    assert caught.value.message.startswith("Expected ")
    return caught.value


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(nouns: Source, tmp_path: Path) -> None:
    wild = replace(TINY, float_steps=400, float_rate=1e30, checkpoint_every=1)
    run = training.start(PRESETS["S"], wild, 0, nouns)
    refused(lambda: training.train(run, nouns, tmp_path / "run.pt"), "training/not-finite", 3)
    kept = torch.load(tmp_path / "run.pt", weights_only=False)
    assert kept["step"] == run.step
    assert np.isfinite(kept["recent"]).all()


def test_a_full_disk_leaves_the_checkpoint_before_intact(nouns: Source, tmp_path: Path) -> None:
    run = training.start(PRESETS["S"], TINY, 0, nouns)
    training.train(run, nouns, tmp_path / "run.pt")
    before = (tmp_path / "run.pt").read_bytes()
    (tmp_path / "run.pt").rename(tmp_path / "good.pt")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        write_whole(tmp_path / "small", "kept")
        with pytest.raises(OSError):
            write_whole(tmp_path / "small", b"x" * 200_000)
        other = training.start(PRESETS["S"], TINY, 0, nouns)
        refused(lambda: training.train(other, nouns, tmp_path / "run.pt"), "training/unwritable", 3)
        refused(lambda: export(run, nouns, "x", tmp_path / "x", tmp_path / "x.json"), "training/unwritable", 3)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / "small").read_text() == "kept"
    assert (tmp_path / "good.pt").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.pt", "small"]


def test_ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on(invaders: Path, tmp_path: Path) -> None:
    arguments = ["train", "--collection", str(invaders), "--preset", "S", "--steps", "100000", "--name", "long", "--json"]
    arguments += ["--out", str(tmp_path / "long"), "--work", str(tmp_path / "work")]
    program = [sys.executable, "-m", "pentimento_training", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    process = subprocess.Popen(program, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    assert "float 50/" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    assert process.wait(60) == 130
    error = json.loads(rest.strip().splitlines()[-1])["error"]
    assert error["code"] == "training/interrupted"
    assert "goes on from" in error["message"]
    assert torch.load(tmp_path / "work" / "checkpoint.pt", weights_only=False)["step"] >= 50
    assert not (tmp_path / "long").exists()


def test_exporting_again_keeps_what_belongs_to_the_same_integers_only(nouns: Source, tmp_path: Path) -> None:
    run = training.start(PRESETS["S"], TINY, 0, nouns)
    training.train(run, nouns, tmp_path / "run.pt")
    folder, vectors = tmp_path / "x", tmp_path / "x.json"
    export(run, nouns, "x", folder, vectors)
    (folder / "style.json").write_text("{}")
    update_metrics(folder, {"recall": 1})
    export(run, nouns, "x", folder, vectors)
    assert (folder / "style.json").exists()
    assert json.loads((folder / "metrics.json").read_text())["recall"] == 1
    with torch.no_grad():
        run.decoder.head.bias += 1
    export(run, nouns, "x", folder, vectors)
    assert {path.name for path in folder.iterdir()} == FILES
    assert "recall" not in json.loads((folder / "metrics.json").read_text())


class Answers(torch.nn.Module):
    """Stands for a decoder: one answer in float, another quantised, both in units of the output."""

    def __init__(self, preset: str, plain: list[list[float]], quantised: list[list[float]]) -> None:
        super().__init__()
        self.preset, self.quantised = PRESETS[preset], False
        self._answers = [torch.tensor(values)[None, :, None] for values in (plain, quantised)]

    def forward(self, _latent: torch.Tensor) -> torch.Tensor:
        """[1, channels, 1, pixels]."""
        return self._answers[self.quantised]


def test_agreement_counts_equal_indices_and_colours_at_most_one_step_apart() -> None:
    latents = np.zeros((1, 128), np.uint8)
    palette = Answers("M", [[1, 0, 0, 5], [0, 2, 3, 4]], [[9, 0, 2, 5], [8, 1, 1, 6]])
    assert agreement(palette, latents) == 0.5
    colours = Answers("RGB", [[step / 16 for step in (10.4, 10.6, 12, 9)]], [[step / 16 for step in (10, 12, 10, 10)]])
    assert agreement(colours, latents) == 0.75


def test_metrics_are_merged(tmp_path: Path) -> None:
    assert update_metrics(tmp_path, {"a": 1, "b": 1}) == {"a": 1, "b": 1}
    assert update_metrics(tmp_path, {"b": 2}) == {"a": 1, "b": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.json"]


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["--name", "../x"], "training/bad-name", 2),
        (["--name", "x", "--out", str(Path(__file__).parent)], "training/not-a-model", 2),
        ([], "training/no-name", 2),
        (["--name", "x", "--collection", "strokes", "--preset", "M"], "training/wrong-preset", 2),
        (["--name", "x", "--collection", "nowhere"], "collection/not-a-folder", 2),
        (["--name", "x", "--background", "#12"], "training/bad-colour", 2),
        (["--name", "x", "--background", "red"], "training/bad-colour", 2),
        (["--name", "x", "--device", "cuda"], "training/no-gpu", 3),
    ],
)
def test_bad_arguments_end_with_a_code(
    arguments: list[str], code: str, status: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert cli.main(["train", *arguments, "--json"]) == status
    error = json.loads(capsys.readouterr().err)["error"]
    assert error["code"] == code
    assert error["message"].startswith("Expected ")


def test_a_wrong_image_is_reported_with_its_place(model_folder: Path) -> None:
    model = read_model(model_folder)
    latents = np.zeros((1, model.latent_length), np.uint8)
    image = evaluate(model, latents).image
    image[0, ..., 3, 5] ^= 1
    with pytest.raises(DisagreementError, match=r"3, 5\)"):
        check_runtime(model_folder / "decoder.onnx", latents, image)
