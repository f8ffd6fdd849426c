"""The measures of a report in their order: what each is called, how it reads, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One row of a report. form: a format of Python for the value times `factor`; better: `low`, `high`, or `floor` (nearer to it)."""

    key: str
    title: str
    better: str
    form: str
    meaning: str
    factor: float = 1
    unit: str = ""

    def text(self, value: float | None) -> str:
        """The value as people read it; a dash where it was not measured."""
        return "–" if value is None else f"{value * self.factor:{self.form}}{self.unit}"


STYLE = (
    Entry("patchSwd", "patch SWD, 5x5", "low", ".2f", "distance of small patches to the collection's, x 1,000", 1e3),
    Entry("patchSwd16", "patch SWD, 16x16", "low", ".2f", "the same with patches of a quarter of the width", 1e3),
    Entry(
        "classifierAccuracy",
        "classifier",
        "low",
        ".1f",
        "how often a network tells it from real pictures; 50 % is guessing",
        100,
        " %",
    ),
    Entry(
        "ownFeatureKid", "own-feature KID", "low", ".3f", "kernel distance of the features of the model's own encoder (not KID)"
    ),
    Entry("paletteAdherence", "palette adherence", "high", ".1f", "pixels with a colour of the model's palette", 100, " %"),
    Entry("coloursPerImage", "colours per image", "floor", ".1f", "different colours in one picture"),
    Entry("speckle", "speckle", "floor", ".2f", "pixels unlike all their neighbours", 100, " %"),
)
CONTENT = (
    Entry(
        "layoutRecall10",
        "layout recall@10",
        "high",
        ".1f",
        "own photo among the 10 of 216 most alike; the search optimises it",
        100,
        " %",
    ),
    Entry("layoutMatched", "layout likeness, own photo", "high", ".3f", "correlation of 8x8 colour layouts with the own photo"),
    Entry("layoutMismatched", "layout likeness, other photos", "low", ".3f", "the same with the other photos; 0 is no relation"),
    Entry(
        "independentRecall10",
        "independent recall@10",
        "high",
        ".1f",
        "the same by the order of 6x6 brightnesses, which no loss contains",
        100,
        " %",
    ),
    Entry(
        "contourRecall10", "contour recall@10", "high", ".1f", "the same by edges in 8x8 cells; no loss contains edges", 100, " %"
    ),
    Entry("distinctOutputs", "distinct outputs of 216", "high", ".0f", "different pictures for different photos"),
    Entry("pairwiseDistance", "distance between outputs", "floor", ".3f", "mean difference of two pictures, 0 to 1"),
)
RECONSTRUCTION = (
    Entry("crossEntropy", "cross-entropy", "low", ".3f", "nats per pixel; palette models with a checkpoint only"),
    Entry("psnr", "PSNR", "high", ".1f", "signal to noise of the reconstructed picture", 1, " dB"),
    Entry("ssim", "SSIM", "high", ".3f", "structural similarity, 1 is equal"),
)
COLUMNS = {
    "floor": "real pictures",
    "naive": "naive pixelation",
    "float": "float, single pass",
    "int8": "int8, single pass",
    "on-brand": "int8, on-brand",
    "faithful": "int8, faithful",
}
