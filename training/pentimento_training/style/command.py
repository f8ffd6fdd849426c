"""`python -m pentimento_training style <model folder>`: write the model's style package; `--measure` measures what is there."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from ..data import load_collection
from ..errors import TrainingError
from ..files import read_model
from ..folder import folder_source
from ..model import PRESETS
from ..source import NounsSource, Source, strokes_source
from .export import FITTING_CONTENTS, export_style
from .frontier import draw_frontier
from .measure import measure_dials
from .vectors import write_style_vectors

TRAINING_FOLDER = Path(__file__).resolve().parents[2]


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("style", help="make the bank and the graphs that turn a photo into a latent")
    parser.add_argument("model", type=Path, help="an exported model's folder")
    parser.add_argument("--collection", help="nouns, strokes, or the folder that the model was trained on (default: by its head)")
    parser.add_argument("--data", type=Path, default=TRAINING_FOLDER / "data", help="download folder of the traits")
    parser.add_argument("--contents", type=int, default=FITTING_CONTENTS, help="pictures that the dials are fitted on")
    parser.add_argument("--measure", action="store_true", help="measure the dials of an existing package instead")
    parser.add_argument("--frontier", type=Path, help="draw style against content into this SVG file instead")
    parser.add_argument(
        "--vectors", type=Path, help="where to write golden answers (default: style-vectors.json in the model's folder)"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.set_defaults(command=style_command)


def style_command(options: argparse.Namespace) -> int:
    """Export, measure or draw; prints the result as JSON."""
    torch.set_num_threads(options.threads)
    source = source_of(options)
    if options.frontier:
        result = draw_frontier(options.model, source, options.frontier)
    elif options.measure:
        result = measure_dials(options.model, source)
    else:
        manifest = export_style(options.model, source, options.contents)
        write_style_vectors(options.model, options.vectors or options.model / "style-vectors.json")
        result = {"model": options.model.resolve().name, "dials": list(manifest["dials"]), "files": manifest["files"]}
    print(json.dumps(result, indent=2))
    return 0


def source_of(options: argparse.Namespace) -> Source:
    """The collection of the model; raises `style/other-collection` for a folder whose palette is another."""
    model = read_model(options.model)
    collection = options.collection or ("strokes" if model.is_rgb else "nouns")
    if collection == "strokes":
        return strokes_source()
    if collection == "nouns":
        return NounsSource(load_collection(options.data), model.layers[-1].shape[-1])
    source = folder_source(Path(collection), PRESETS[model.preset])
    if source.palette is not None and not np.array_equal(source.palette.colours, model.palette):
        message = f"Expected the images that {model.name} was trained on in {collection}, got images with another palette."
        raise TrainingError("style/other-collection", message)
    return source
