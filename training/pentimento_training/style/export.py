"""The style package of a model: `style.json` and two graphs, beside the manifest. Runs on any exported model and its collection."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from ..commitment import commitment
from ..errors import TrainingError
from ..files import MANIFEST as MODEL_MANIFEST
from ..files import read_model, write_whole
from ..integer import IntegerModel
from ..source import Examples, Source
from .bank import Bank, make_bank, select
from .contents import fitting_contents
from .painter import Painter, fit_sharpness, nearness, paint_all
from .search_graph import search_graph
from .step_graph import step_graph
from .styler import MANIFEST, Dial, Styler, dial_of, session
from .tilt import fit_through

SEARCH_FILE, STEP_FILE = "style-search.onnx", "style-step.onnx"
POOL, ENTRIES = 9000, 5000
COLOURS = 16
KMEANS_ROUNDS = 20
ENCODER_BATCH = 200
# A latent element that never varies may still move a little.
SMALLEST_DEVIATION = 0.8
FITTING_CONTENTS = 200
SEED = 3


@dataclass(frozen=True)
class Recipe:
    """What a dial is made from: amounts of layout and structure, colour, steps, finalists, step size and inertia."""

    layout: float
    structure: float
    colour: float
    steps: int
    finalists: int = 3
    rate: float = 1.28
    inertia: float = 0.3


RECIPES = {
    "on-brand": Recipe(layout=0.6, structure=0.4, colour=0.2, steps=12),
    "faithful": Recipe(layout=0.6, structure=0.4, colour=0.05, steps=27, inertia=0.1),
}
DEFAULT_DIAL = "on-brand"
# A step at this size takes two and a half times as long as at 32x32: `faithful` refines one candidate less, for the sake of 150 ms.
LARGE_SIDE, LARGE_FINALISTS = 64, 2


@dataclass(frozen=True)
class Kit:
    """What a model's dials are fitted with.

    deviation: float [L], of the bank's latents; target: float [K], the mean shares of the colours in the collection.
    """

    model: IntegerModel
    painter: Painter
    bank: Bank
    styler: Styler
    search: bytes
    step: bytes
    deviation: np.ndarray
    target: np.ndarray


def prepare(folder: Path, source: Source, pool: int = POOL, entries: int = ENTRIES) -> Kit:
    """The bank and the graphs of the model in `folder`, from up to `pool` images of its collection."""
    model = read_model(folder)
    examples = source.seen(pool, np.random.default_rng(SEED))
    own = own_images(model, examples)
    painter = Painter(model, colours_of(model, own))
    latents, painting = select(painter, encode(folder, examples.pictures), own, entries)
    painter.sharpness = fit_sharpness(painter, torch.from_numpy(latents[:400].astype(np.float32))) if painter.is_palette else 1.0
    bank = make_bank(latents, painting)
    search = search_graph(bank, model, painter.colours.numpy(), model.name).SerializeToString()
    step = step_graph(model, painter.colours.numpy(), painter.sharpness, model.name).SerializeToString()
    deviation = latents.std(0) + SMALLEST_DEVIATION
    target = mean_shares(painter, own)
    return Kit(model, painter, bank, Styler(search, step), search, step, deviation, target)


def recipes_for(model: IntegerModel) -> dict[str, Recipe]:
    """What the dials of `model` are made from, by name."""
    if model.layers[-1].shape[-1] < LARGE_SIDE:
        return RECIPES
    return {**RECIPES, "faithful": replace(RECIPES["faithful"], finalists=LARGE_FINALISTS)}


def fit_dial(kit: Kit, recipe: Recipe, contents: np.ndarray) -> Dial:
    """A dial with its tilt fitted on `contents` [C, 3, 64, 64]."""
    dial = dial_of({**entry_of(recipe), "tilt": np.zeros(len(kit.target))}, kit.deviation)
    scores = np.stack([kit.styler.entries(photo, dial)[0] for photo in contents])

    def outcome(tilt: np.ndarray) -> np.ndarray:
        latents = np.stack([kit.styler.style(photo, replace(dial, tilt=tilt))[0].latent for photo in contents])
        return paint_all(kit.painter, torch.from_numpy(latents.astype(np.float32))).share.mean((0, 2, 3)).numpy()

    return replace(dial, tilt=fit_through(scores, kit.bank.share / 255, kit.target, outcome))


def export_style(folder: Path, source: Source, content_count: int = FITTING_CONTENTS) -> dict:
    """Write the style package of the model in `folder`, and name it in the model's manifest; returns the package's manifest.

    The dials are fitted on `content_count` pictures: more take longer and fit better.
    """
    kit = prepare(folder, source)
    contents = fitting_contents(content_count).numpy()
    dials = {}
    for name, recipe in recipes_for(kit.model).items():
        progress(f"{kit.model.name}: fitting {name}")
        dial = fit_dial(kit, recipe, contents)
        dials[name] = {**entry_of(recipe), "tilt": [round(float(price), 6) for price in dial.tilt]}
    return write_package(folder, kit, dials)


def write_package(folder: Path, kit: Kit, dials: dict[str, dict]) -> dict:
    """Write the graphs, then `style.json` that names them, then the name of that in the model's manifest."""
    if commitment(read_model(folder)) != commitment(kit.model):
        raise TrainingError(
            "style/model-changed", f"Expected {folder.name} to stay the same while its dials were fitted, but it was replaced."
        )
    files = {}
    for key, name, content in (("search", SEARCH_FILE, kit.search), ("step", STEP_FILE, kit.step)):
        write_whole(folder / name, content)
        files[key] = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {
        "format": "pentimento-style",
        "version": 1,
        "commitment": commitment(kit.model),
        "defaultDial": DEFAULT_DIAL,
        "dials": dials,
        "deviation": [round(float(value), 4) for value in kit.deviation],
        "files": files,
    }
    write_whole(folder / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    model_manifest = json.loads((folder / MODEL_MANIFEST).read_text())
    model_manifest["style"] = {"file": MANIFEST, "dials": list(dials)}
    write_whole(folder / MODEL_MANIFEST, json.dumps(model_manifest, indent=2) + "\n")
    return manifest


def entry_of(recipe: Recipe) -> dict:
    """A recipe as `style.json` has it, but for the tilt."""
    return {
        "amounts": [recipe.layout, recipe.structure],
        "colour": recipe.colour,
        "inertia": recipe.inertia,
        "steps": recipe.steps,
        "rate": recipe.rate,
        "finalists": recipe.finalists,
    }


def encode(folder: Path, pictures: np.ndarray) -> np.ndarray:
    """The encoder's latents of pictures float32 [N, 3, 64, 64]: uint8 [N, L]."""
    encoder: onnxruntime.InferenceSession = session((folder / "encoder.onnx").read_bytes())
    parts = [pictures[first : first + ENCODER_BATCH] for first in range(0, len(pictures), ENCODER_BATCH)]
    return np.concatenate([encoder.run(["latent"], {"image": part})[0] for part in parts])


def own_images(model: IntegerModel, examples: Examples) -> Tensor:
    """The collection's images as the decoder should paint them: float [N, 3, H, W] in 0..1."""
    if model.is_rgb:
        return torch.from_numpy(examples.targets)
    palette = torch.from_numpy(model.palette.astype(np.float32) / 255)
    return palette[torch.from_numpy(examples.targets)].permute(0, 3, 1, 2)


def colours_of(model: IntegerModel, own: Tensor) -> Tensor:
    """The palette, or 16 representative colours of the images `own`: float [K, 3] in 0..1."""
    if not model.is_rgb:
        return torch.from_numpy(model.palette.astype(np.float32) / 255)
    pixels = own.permute(0, 2, 3, 1).reshape(-1, 3)
    generator = torch.Generator().manual_seed(SEED)
    pixels = pixels[torch.randint(0, len(pixels), (20_000,), generator=generator)]
    return kmeans(pixels, COLOURS)


def kmeans(points: Tensor, count: int) -> Tensor:
    """Centres [count, D] of points [N, D], from points spread over the brightness."""
    order = points.sum(1).argsort()
    centres = points[order[torch.linspace(0, len(points) - 1, count).long()]].clone()
    for _ in range(KMEANS_ROUNDS):
        nearest = torch.cdist(points, centres).argmin(1)
        for position in range(count):
            if (nearest == position).any():
                centres[position] = points[nearest == position].mean(0)
    return centres


def mean_shares(painter: Painter, own: Tensor) -> np.ndarray:
    """How much of the collection is which colour: float [K]."""
    if not painter.is_palette:
        return torch.cat([nearness(part, painter.colours).mean((2, 3)) for part in own.split(200)]).mean(0).numpy()
    pixels = own[:2000].permute(0, 2, 3, 1).reshape(-1, 3)
    nearest = torch.cdist(pixels, painter.colours).argmin(1)
    return (torch.bincount(nearest, minlength=len(painter.colours)) / len(nearest)).numpy()


def progress(text: str) -> None:
    """Progress, on the standard error stream."""
    print(text, file=sys.stderr, flush=True)
