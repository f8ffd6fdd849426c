"""Command line: `python -m pentimento_training train` and `python -m pentimento_training verify`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch

from .data import build_palette, load_collection
from .export import export
from .model import PRESETS
from .train import PROFILES, start, train
from .verify import check_folder

TRAINING_FOLDER = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Parse the arguments and run the command; the result goes to standard output as JSON."""
    options = parser().parse_args(arguments)
    return options.command(options)


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    root = argparse.ArgumentParser(prog="pentimento_training", description="Train and check int8 palette decoders.")
    commands = root.add_subparsers(required=True)
    training = commands.add_parser("train", help="train a decoder and export it")
    training.add_argument("--preset", choices=sorted(PRESETS), default="M")
    training.add_argument("--profile", choices=sorted({profile for _, profile in PROFILES}), default="full")
    training.add_argument("--out", type=Path, required=True, help="the model's folder; its name is the model's name")
    training.add_argument("--name", help="the model's name, if it is not the folder's")
    training.add_argument("--vectors", type=Path, help="test vectors (default: vectors.json in the model's folder)")
    training.add_argument("--work", type=Path, help="checkpoint folder; a run found there is continued")
    training.add_argument("--data", type=Path, default=TRAINING_FOLDER / "data", help="download folder of the traits")
    training.add_argument("--seed", type=int, default=0)
    training.add_argument("--threads", type=int, default=1)
    training.set_defaults(command=train_command)
    checking = commands.add_parser("verify", help="check an exported model's commitment, bounds, graph and vectors")
    checking.add_argument("model", type=Path)
    checking.add_argument("--vectors", type=Path)
    checking.set_defaults(command=verify_command)
    return root


def train_command(options: argparse.Namespace) -> int:
    """Train, export, and print the metrics."""
    torch.set_num_threads(options.threads)
    name = options.name or options.out.resolve().name
    collection = load_collection(options.data)
    palette = build_palette(collection)
    run = start(PRESETS[options.preset], PROFILES[options.preset, options.profile], options.seed)
    work = options.work or TRAINING_FOLDER / "runs" / name
    train(run, collection, palette, work / "checkpoint.pt")
    vectors = options.vectors or options.out / "vectors.json"
    metrics = export(run, collection, palette, name, options.out, vectors)
    print(json.dumps(metrics, indent=2))
    return 0


def verify_command(options: argparse.Namespace) -> int:
    """Check an exported model, and print how many latents were compared."""
    compared = check_folder(options.model, options.vectors)
    print(json.dumps({"model": options.model.resolve().name, "latentsCompared": compared}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
