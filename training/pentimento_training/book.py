"""The tables of `book/training.md`, written from the models' `metrics.json` between two marks."""

from __future__ import annotations

import json
from pathlib import Path

from .card import LABELS, is_rgb, phase_row, side_of
from .errors import ENVIRONMENT, TrainingError
from .files import METRICS, write_whole

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "book" / "training.md"
FIRST = "<!-- tables: python -m pentimento_training book -->"
LAST = "<!-- end of tables -->"
ORDER = ("S", "M", "L64", "RGB")


def write_book() -> None:
    """Replace the tables by those of the present metrics."""
    write_whole(PAGE, updated(PAGE.read_text()))


def check_book() -> None:
    """Raise `book/stale` unless the tables are those of the present metrics."""
    text = PAGE.read_text()
    if updated(text) != text:
        raise TrainingError(
            "book/stale", f"Expected the tables of {PAGE.name} to follow the metrics, got others; run `book`.", ENVIRONMENT
        )


def updated(text: str) -> str:
    """The page with new tables."""
    before, _, rest = text.partition(FIRST)
    _, _, after = rest.partition(LAST)
    return f"{before}{FIRST}\n\n{tables()}\n\n{LAST}{after}"


def tables() -> str:
    """Losses, procedure and sizes of the committed models."""
    found = [json.loads(path.read_text()) for path in (REPOSITORY / "models").glob(f"*/{METRICS}")]
    models = sorted(
        (metrics for metrics in found if metrics["preset"] in ORDER), key=lambda metrics: ORDER.index(metrics["preset"])
    )
    return "\n\n".join([losses(models), procedure(models), sizes(models)])


def losses(models: list[dict]) -> str:
    """Steps, final losses and quality of every network."""
    head = "| model | network | steps | training loss | loss | accuracy or PSNR | loss, held out | accuracy or PSNR, held out |"
    rows = [f"| {metrics['model']} {phase_row(metrics, phase)}" for metrics in models for phase in LABELS]
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *rows])


def procedure(models: list[dict]) -> str:
    """Hyperparameters, time and hardware."""
    head = "| model | collection | seed | batch | float steps, rate | int8 steps, rate | wall clock | on |"
    rows = [
        f"| {m['model']} | {m['collection']} | {m['seed']} | {m['batch']} | {m['floatSteps']:,} at {m['floatLearningRate']:g} "
        f"| {m['qatSteps']:,} at {m['qatLearningRate']:g} | {m['seconds'] / 60:.0f} min | {m['hardware']['threads']} thread, {m['hardware']['device']} |"
        for m in models
    ]
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *rows])


def sizes(models: list[dict]) -> str:
    """Sizes, agreement and bounds."""
    head = "| model | image | parameters | activations | products | int8 loss over control | agreement of float and int8 | largest bound after a shift |"
    rows = []
    for m in models:
        shifted = max(entry["shiftedBound"] for entry in m["bounds"].values() if entry["shift"] > 0)
        image = f"{side_of(m)}x{side_of(m)}, " + ("RGB" if is_rgb(m) else "16 colours")
        size = m["size"]
        rows.append(
            f"| {m['model']} | {image} | {size['parameters']:,} | {size['activations']:,} | {size['multiplyAccumulates']:,} "
            f"| {m['int8LossOverControl']:+.2%} | {m['indexAgreement']:.2%} | {shifted:,.0f} |"
        )
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *rows])
