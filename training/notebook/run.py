"""Runs the notebook: `python notebook/run.py full` (or `short`, `smoke`) executes it in place, so that its outputs are of a real run."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent
NOTEBOOK = FOLDER / "pentimento.ipynb"
PROFILES = ("smoke", "short", "full")
CELL_SECONDS = 4 * 3600


def execute(profile: str) -> nbformat.NotebookNode:
    """The notebook with the outputs of a run; raises `CellExecutionError` when a cell fails."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    environment = {**os.environ, "PENTIMENTO_PROFILE": profile, "PYTHONPATH": str(FOLDER.parent)}
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    client.execute(env=environment)
    return notebook


def without_times(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without what a run leaves in its metadata."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def main() -> None:
    """Execute and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", choices=PROFILES)
    nbformat.write(without_times(execute(parser.parse_args().profile)), NOTEBOOK)


if __name__ == "__main__":
    main()
