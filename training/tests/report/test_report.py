"""The report of a committed model on a few photos: complete, self-contained, and made of every measure that there is."""

from __future__ import annotations

import argparse
import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from places import REPOSITORY

from pentimento_training import measures, report
from pentimento_training.errors import TrainingError
from pentimento_training.files import read_model
from pentimento_training.integer import evaluate
from pentimento_training.measures.photos import evaluation_photos
from pentimento_training.report.book import write_book
from pentimento_training.report.catalogue import COLUMNS, CONTENT, RECONSTRUCTION, STYLE
from pentimento_training.report.command import declare, entered, make_report
from pentimento_training.report.figures import posed_like
from pentimento_training.report.page import page
from pentimento_training.report.paint import Painted, load_networks, paint_dials
from pentimento_training.report.subject import Subject, open_subject, shown
from pentimento_training.style import pose
from pentimento_training.style.styler import open_style

DATA = REPOSITORY / "training" / "data"
MODEL = REPOSITORY / "models" / "nouns-s"
PHOTOS = 12
# Shared parts of the measures, not measures themselves.
PARTS = {
    "recall",
    "matched_and_mismatched",
    "unit",
    "layout_feature",
    "rank_feature",
    "average_ranks",
    "luma",
    "edge_feature",
    "packed",
}
PARTS |= {"random_patches", "sliced_wasserstein", "random_crops", "kernel", "blur", "judge", "fit"}


@pytest.fixture(scope="module")
def subject() -> Subject:
    return open_subject(MODEL, DATA)


@pytest.fixture(scope="module")
def made(subject: Subject) -> tuple[dict, bytes]:
    return make_report(subject, None, PHOTOS)


def test_every_figure_of_the_catalogue_is_there(made: tuple[dict, bytes]) -> None:
    figures, _ = made
    assert {"floor", "naive", "int8"} <= set(figures["columns"]) <= set(COLUMNS)
    for column in figures["columns"].values():
        assert list(column) == [entry.key for entry in (*STYLE, *CONTENT)]
    for networks in figures["reconstruction"].values():
        for column in networks.values():
            assert list(column) == [entry.key for entry in RECONSTRUCTION]
    assert json.loads(json.dumps(figures)) == figures


def test_the_anchors_are_where_they_must_be(made: tuple[dict, bytes]) -> None:
    columns = made[0]["columns"]
    assert columns["naive"]["layoutRecall10"] == 1
    assert columns["naive"]["patchSwd"] > 20 * columns["floor"]["patchSwd"]
    assert columns["floor"]["patchSwd"] < columns["int8"]["patchSwd"] < columns["naive"]["patchSwd"]
    assert all(column["paletteAdherence"] == 1 for column in columns.values())


def test_the_page_needs_nothing_but_itself(made: tuple[dict, bytes]) -> None:
    html = page(*made)
    assert not re.findall(r"https?://|<script|<link|url\(|@import", html)
    assert re.findall(r'src="([^"]{22})', html) == ["data:image/png;base64,"]
    assert 'name="viewport"' in html
    assert "prefers-color-scheme: dark" in html
    for entry in (*STYLE, *CONTENT, *RECONSTRUCTION):
        assert entry.title in html
        assert entry.text(made[0]["columns"]["int8"].get(entry.key)) in html


def test_metrics_hold_every_column_by_measure(made: tuple[dict, bytes]) -> None:
    figures = entered(made[0])
    assert figures["patchSwd"]["floor"] == made[0]["columns"]["floor"]["patchSwd"]
    assert figures["distinctOutputs"]["singlePass"] == made[0]["columns"]["int8"]["distinctOutputs"]
    assert "paletteAdherence" not in figures


def test_no_measure_is_dead() -> None:
    used = {name for path in Path(report.__file__).parent.glob("*.py") for name in names_in(ast.parse(path.read_text()))}
    defined = {
        node.name for path in Path(measures.__file__).parent.glob("*.py") for node in functions_of(ast.parse(path.read_text()))
    }
    assert defined - PARTS == used & defined
    assert PARTS <= defined


def test_no_measure_is_computed_twice() -> None:
    """The functions of the report do not have the names of measures, nor do those of the rest of the package."""
    defined = {
        node.name for path in Path(measures.__file__).parent.glob("*.py") for node in functions_of(ast.parse(path.read_text()))
    }
    for path in Path(report.__file__).parent.glob("*.py"):
        assert not {node.name for node in functions_of(ast.parse(path.read_text()))} & (defined - PARTS), path.name


def test_rgb_is_shown_by_the_public_rule() -> None:
    image = shown(np.array([[[[0]], [[63]], [[64]]], [[[127]], [[1]], [[126]]]], np.uint8), torch.empty(0, 3))
    assert (image * 255).round().flatten().tolist() == [0, 126, 129, 255, 2, 253]


def test_the_classifier_sees_real_pictures_in_the_generated_poses() -> None:
    real = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    poses = torch.tensor([pose.IDENTITY, 63 + pose.IDENTITY])
    posed = posed_like(Painted(torch.zeros(2, 3, 32, 32), poses), real)
    assert torch.equal(posed[0], real[0])
    assert torch.equal(posed[1], real[1].flip(2))


def test_the_dials_show_the_proven_image_in_its_pose() -> None:
    """By the integer reference and the pose rule of book/formats.md, pixel by pixel."""
    folder = REPOSITORY / "models" / "nouns-m"
    subject, model, (styler, dials) = open_subject(folder, DATA), read_model(folder), open_style(folder)
    photo = evaluation_photos()[:1]
    columns = paint_dials(subject, photo)
    assert list(columns) == subject.manifest["style"]["dials"] == ["on-brand", "faithful"]
    for name, column in columns.items():
        answer = styler.style(photo[0].numpy(), dials[name])[0]
        index = evaluate(model, answer.latent[None]).image[0]
        mirror, dy, dx = answer.pose // 63, answer.pose % 63 // 9 - 3, answer.pose % 9 - 4
        posed = np.zeros((32, 32), int)
        for y in range(32):
            for x in range(32):
                sy, sx = y - dy, x - dx
                outside = sy < 0 or sx < 0 or sx > 31
                sy, sx = (0, 0) if outside else (min(sy, 31), sx)
                posed[y, x] = index[sy, 31 - sx if mirror else sx]
        assert torch.equal(column.images[0], subject.palette[torch.from_numpy(posed)].permute(2, 0, 1))


def test_an_unknown_collection_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="Expected a model with a manifest.json in .*, got none") as found:
        open_subject(tmp_path, DATA)
    assert found.value.code == "model/not-found"
    copy = tmp_path / "other"
    shutil.copytree(MODEL, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "name": "other-s"}))
    with pytest.raises(TrainingError, match="Expected a model of nouns or strokes, got other-s"):
        open_subject(copy, DATA)
    (copy / "manifest.json").write_text(json.dumps({**manifest, "palette": manifest["palette"][::-1]}))
    with pytest.raises(TrainingError, match="got Nouns with another palette"):
        open_subject(copy, DATA)


def test_an_unfinished_checkpoint_is_refused(subject: Subject, tmp_path: Path) -> None:
    torch.save({"networks": {}}, tmp_path / "checkpoint.pt")
    with pytest.raises(TrainingError, match="Expected a finished run in .*, got one without the phase control"):
        load_networks(subject, tmp_path / "checkpoint.pt")


def test_the_command_writes_three_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    declare(parser.add_subparsers(required=True))
    options = parser.parse_args(["report", str(MODEL), "--out", str(tmp_path), "--photos", "8", "--data", str(DATA)])
    options.checkpoint = None
    assert options.command(options) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nouns-s.html", "nouns-s.json", "nouns-s.png"]
    assert Path(json.loads(capsys.readouterr().out)["json"]).name == "nouns-s.json"


def test_the_book_is_renewed_from_the_reports_only(made: tuple[dict, bytes], tmp_path: Path) -> None:
    (tmp_path / "quality").mkdir()
    (tmp_path / "quality" / "nouns-s.json").write_text(json.dumps(made[0]))
    (tmp_path / "quality.md").write_text("before\n<!-- reports -->\nold\n<!-- /reports -->\nafter\n")
    write_book(tmp_path)
    text = (tmp_path / "quality.md").read_text()
    assert text.startswith("before\n<!-- reports -->\n### nouns-s\n")
    assert text.endswith("<!-- /reports -->\nafter\n")
    assert "old" not in text
    write_book(tmp_path)
    assert (tmp_path / "quality.md").read_text() == text


def test_the_committed_page_is_what_its_reports_give(tmp_path: Path) -> None:
    book = tmp_path / "book"
    shutil.copytree(REPOSITORY / "book" / "quality", book / "quality")
    shutil.copy(REPOSITORY / "book" / "quality.md", book)
    write_book(book)
    assert (book / "quality.md").read_text() == (REPOSITORY / "book" / "quality.md").read_text()


def test_every_committed_model_has_a_report_of_its_own_integers(model_folder: Path) -> None:
    made = json.loads((REPOSITORY / "book" / "quality" / f"{model_folder.name}.json").read_text())
    assert made["commitment"] == json.loads((model_folder / "manifest.json").read_text())["commitment"]
    assert made["photos"] == len(evaluation_photos())


def test_the_book_explains_every_measure() -> None:
    text = (REPOSITORY / "book" / "quality.md").read_text().split("<!-- reports -->")[0]
    for entry in (*STYLE, *CONTENT, *RECONSTRUCTION):
        assert f"**{entry.title}**" in text, entry.title


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Functions at the top of a module."""
    return (node for node in tree.body if isinstance(node, ast.FunctionDef))


def names_in(tree: ast.Module) -> Iterator[str]:
    """Names that a module calls."""
    return (node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
