"""`python -m pentimento_training report <model>`: measure a model, write the report, and enter its figures in `metrics.json`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from ..errors import TrainingError
from ..files import update_metrics, write_whole
from ..measures.photos import evaluation_photos
from .book import write_book
from .figures import column_figures, reconstruction_figures
from .page import page
from .paint import load_networks, paint_all, require_same_model
from .real import held_out, reference, seen_examples
from .sheet import FIXED, sheet
from .subject import Subject, open_subject

TRAINING_FOLDER = Path(__file__).resolve().parents[2]
RECONSTRUCTED = 200
# Entered in metrics.json, per column.
ENTERED = (
    "patchSwd",
    "layoutRecall10",
    "classifierAccuracy",
    "independentRecall10",
    "contourRecall10",
    "distinctOutputs",
    "speckle",
    "ownFeatureKid",
)
COLUMN_KEYS = {"on-brand": "onBrand", "int8": "singlePass", "float": "floatSinglePass"}
PREFERRED = ("on-brand", "faithful", "int8")


def declare(commands: argparse._SubParsersAction) -> None:
    """Add the command `report`."""
    parser = commands.add_parser("report", help="measure a model's quality: HTML, JSON and pictures")
    parser.add_argument("model", type=Path, help="the model's folder")
    parser.add_argument("--out", type=Path, required=True, help="folder for <name>.html, <name>.json and <name>.png")
    parser.add_argument("--checkpoint", type=Path, help="the run's checkpoint, for the float network (default: runs/<name>)")
    parser.add_argument("--images", type=Path, help="the collection's folder, for a model that is neither nouns nor strokes")
    parser.add_argument("--data", type=Path, default=TRAINING_FOLDER / "data", help="download folder of the traits")
    parser.add_argument("--photos", type=int, default=216, help="use only this many of the 216 evaluation photos, evenly spread")
    parser.add_argument("--book", type=Path, help="also renew the generated part of quality.md in this folder")
    parser.add_argument("--enter", action="store_true", help="enter the figures in the model's metrics.json")
    parser.set_defaults(command=report_command)


def report_command(options: argparse.Namespace) -> int:
    """Measure, write, and print where the report is."""
    torch.set_num_threads(1)
    subject = open_subject(options.model.resolve(), options.data, options.images)
    checkpoint = options.checkpoint or TRAINING_FOLDER / "runs" / subject.manifest["name"] / "checkpoint.pt"
    if options.checkpoint is not None and not checkpoint.exists():
        raise TrainingError("report/checkpoint", f"Expected a checkpoint in {checkpoint}, got no file.")
    report, png = make_report(subject, checkpoint if checkpoint.exists() else None, options.photos)
    stem = options.out / subject.manifest["name"]
    write_whole(stem.with_suffix(".png"), png)
    write_whole(stem.with_suffix(".json"), json.dumps(report, indent=2) + "\n")
    write_whole(stem.with_suffix(".html"), page(report, png))
    if options.enter:
        update_metrics(subject.folder, entered(report))
    if options.book:
        write_book(options.book)
    print(json.dumps({"model": report["model"], "html": str(stem.with_suffix(".html")), "json": str(stem.with_suffix(".json"))}))
    return 0


def make_report(subject: Subject, checkpoint: Path | None, photo_count: int) -> tuple[dict, bytes]:
    """The report as JSON data, and its sheet of pictures as PNG."""
    everything = evaluation_photos()
    photos = everything[torch.arange(photo_count) * len(everything) // photo_count]
    networks = {} if checkpoint is None else load_networks(subject, checkpoint)
    if networks:
        require_same_model(subject, networks["int8"], everything)
    columns = paint_all(subject, photos, networks)
    real = reference(subject)
    figures = {name: column_figures(subject, painted, photos, real) for name, painted in columns.items()}
    png, names = sheet(photos, columns, FIXED if photo_count == len(everything) else tuple(range(min(photo_count, len(FIXED)))))
    report = {
        "format": "pentimento-quality",
        "version": 1,
        "model": subject.manifest["name"],
        "commitment": subject.manifest["commitment"],
        "preset": subject.manifest["preset"],
        "collection": subject.source.title,
        "heldOutKind": subject.source.held_out_kind,
        "photos": len(photos),
        "realPictures": len(real),
        "shown": next(name for name in PREFERRED if name in columns),
        "sheet": names,
        "columns": figures,
        "reconstruction": reconstructions(subject, networks),
        "notes": notes(bool(networks), "on-brand" in columns),
    }
    return report, png


def reconstructions(subject: Subject, networks: dict) -> dict[str, dict[str, dict[str, float | None]]]:
    """Reconstruction figures of seen and of held-out pictures."""
    return {
        "seen": reconstruction_figures(subject, seen_examples(subject, RECONSTRUCTED), networks),
        "held out": reconstruction_figures(subject, held_out(subject, RECONSTRUCTED), networks),
    }


def notes(has_float: bool, has_dials: bool) -> list[str]:
    """What the figures depend on, and what was not measured."""
    found = [
        "Float is the float control: the network trained with as many steps as the int8 one, without quantisation."
        if has_float
        else "The float network was not measured: there is no checkpoint of the training run here.",
        "The classifier's real pictures are moved as the generated ones are, or it would only find out that a figure was moved.",
        "Patch SWD is the mean squared distance of sorted projections, the classifier's standard error is about 2.4 points.",
    ]
    if not has_dials:
        found.append("This model has no style package, so that no dial was measured.")
    return found


def entered(report: dict) -> dict:
    """What goes into metrics.json: for each figure its value in every column, anchors included."""
    return {key: {COLUMN_KEYS.get(name, name): figures[key] for name, figures in report["columns"].items()} for key in ENTERED}
