"""A fresh run of the notebook's smoke profile, and what the committed outputs must look like."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from places import REPOSITORY
from run import FOLDER, NOTEBOOK, execute

RESULT = FOLDER.parent / "runs" / "notebook" / "smoke" / "notebook.json"
LARGEST = 2 * 1024 * 1024
BLIND_GUESS = 2.7726


@pytest.fixture(scope="module")
def result() -> dict:
    """The figures that a fresh smoke run writes."""
    RESULT.unlink(missing_ok=True)
    execute("smoke")
    return json.loads(RESULT.read_text())


@pytest.fixture(scope="module")
def committed() -> nbformat.NotebookNode:
    """The notebook as it is committed."""
    return nbformat.read(NOTEBOOK, as_version=4)


def test_the_smoke_run_trains_proves_and_refuses_a_forgery(result: dict) -> None:
    assert (result["profile"], result["steps"]) == ("smoke", {"float": 40, "int8": 20})
    assert result["trainingLoss"]["int8"] < result["firstLoss"] < BLIND_GUESS
    assert abs(result["int8Loss"] / result["floatControlLoss"] - 1) < 0.05
    assert result["indexAgreement"] > 0.9
    assert re.fullmatch("0x[0-9a-f]{64}", result["commitment"])
    assert result["verified"] is True
    assert result["forgedVerified"] is False
    assert result["proofBytes"] > 1000


def test_the_smoke_run_measures_every_column_between_its_anchors(result: dict) -> None:
    assert list(result["columns"]) == ["floor", "naive", "float", "int8"]
    assert result["columns"]["naive"]["layoutRecall10"] == 1
    assert result["columns"]["floor"]["patchSwd"] < result["columns"]["int8"]["patchSwd"] < result["columns"]["naive"]["patchSwd"]
    assert result["columns"]["int8"]["paletteAdherence"] == 1


def test_the_committed_outputs_are_of_one_longer_run_from_top_to_bottom(committed: nbformat.NotebookNode) -> None:
    cells = [cell for cell in committed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    text = printed(committed)
    assert re.search(r"profile full, preset M, seed 0: \d{4} float steps", text)
    assert re.search(r"python 3\.\d+\.\d+, torch \d", text)
    assert "The proof is valid: this model painted exactly this image." in text
    assert text.rstrip().endswith("done")


def test_the_committed_run_made_the_committed_model(committed: nbformat.NotebookNode) -> None:
    model = json.loads((REPOSITORY / "models" / "nouns-m" / "metrics.json").read_text())
    text = printed(committed)
    assert f"commitment {model['commitment']}\n" in text
    assert f"int8{model['int8Loss']:19.4f}" in text


def test_the_committed_file_is_small_without_warnings_and_names_no_place_on_a_machine(committed: nbformat.NotebookNode) -> None:
    assert NOTEBOOK.stat().st_size < LARGEST
    outputs = [output for cell in committed.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if "warning" in output.get("text", "").lower()]
    without_pictures = re.sub(r'"image/png": "[^"]*"', "", NOTEBOOK.read_text())
    assert not re.findall(r"/(?:home|root|work|Users|tmp)/\S*", without_pictures)


def printed(notebook: nbformat.NotebookNode) -> str:
    """All text that the cells wrote."""
    return "".join(output.get("text", "") for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs)
