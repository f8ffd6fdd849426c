"""Command line: `python -m pentimento_training train | verify | sample | book`.

Results go to standard output as JSON, progress and errors to standard error. Exit status: 0 done, 1 a check failed, 2 unusable
input, 3 the machine or a file of our own is not as it should be, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import torch

from .book import check_book, write_book
from .data import load_collection, parse_hex
from .errors import ENVIRONMENT, TrainingError
from .export import export
from .files import MANIFEST
from .folder import folder_source
from .invaders import draw_invaders
from .model import PRESETS, Preset
from .report.command import declare as declare_report
from .samples import write_samples
from .source import NounsSource, Source, strokes_source
from .strokes import paint_collection
from .style import add_parser as add_style_parser
from .train import PROFILES, Profile, start, train
from .verify import DisagreementError, check_folder

TRAINING_FOLDER = Path(__file__).resolve().parent.parent
MODELS_FOLDER = TRAINING_FOLDER.parent / "models"
# The warm-up is a tenth of a phase and divides by its length less one step.
FEWEST_STEPS = 20
PAINTERS = {"invaders": draw_invaders, "strokes": paint_collection}
OWN_COLLECTIONS = ("nouns", "strokes")


def main(arguments: list[str] | None = None) -> int:
    """Parse the arguments, run the command and return the exit status."""
    options = parser().parse_args(arguments)
    try:
        return options.command(options)
    except TrainingError as error:
        text = (
            json.dumps({"error": {"code": error.code, "message": error.message}})
            if options.json
            else f"{error.message} ({error.code})"
        )
        print(text, file=sys.stderr)
        return error.status
    except DisagreementError as error:
        print(f"{error} (training/disagreement)", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    root = argparse.ArgumentParser(prog="pentimento_training", description="Train and check int8 decoders.")
    commands = root.add_subparsers(required=True)
    add_train(commands.add_parser("train", help="train a decoder on a collection and export it"))
    checking = commands.add_parser("verify", help="check an exported model's commitment, bounds, graph and vectors")
    checking.add_argument("model", type=Path)
    checking.add_argument("--vectors", type=Path)
    checking.set_defaults(command=verify_command)
    sampling = commands.add_parser("sample", help="write a folder of images to try the training on")
    sampling.add_argument("collection", choices=sorted(PAINTERS))
    sampling.add_argument("folder", type=Path)
    sampling.add_argument("--count", type=int, default=200)
    sampling.add_argument("--seed", type=int, default=1)
    sampling.set_defaults(command=sample_command)
    writing = commands.add_parser("book", help="write the tables of book/training.md from the models' metrics")
    writing.add_argument("--check", action="store_true", help="only say whether the tables are up to date")
    writing.set_defaults(command=book_command)
    declare_report(commands)
    add_style_parser(commands)
    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="print errors as one line of JSON")
    return root


def add_train(training: argparse.ArgumentParser) -> None:
    """The options of `train`."""
    training.add_argument("--collection", default="nouns", help="nouns, strokes, or a folder of PNG, JPEG or WebP images")
    training.add_argument("--preset", choices=sorted(PRESETS), default="M")
    training.add_argument("--profile", choices=sorted({profile for _, profile in PROFILES}), default="full")
    training.add_argument("--name", help="the model's name (default: the name of the --out folder)")
    training.add_argument("--out", type=Path, help="the model's folder (default: models/<name>)")
    training.add_argument("--vectors", type=Path, help="test vectors (default: vectors.json in the model's folder)")
    training.add_argument("--work", type=Path, help="checkpoint folder; a run found there is continued (default: runs/<name>)")
    training.add_argument("--data", type=Path, default=TRAINING_FOLDER / "data", help="download folder of the Nouns traits")
    training.add_argument("--background", help="'#rrggbb' under transparent images; without it they are refused")
    training.add_argument(
        "--steps", type=steps, help="float steps, 20 at the least; the int8 phase takes a tenth of them, 20 at the least too"
    )
    training.add_argument("--rate", type=float, help="the float phase's highest learning rate")
    training.add_argument("--device", choices=("auto", "cpu", "cuda"), default="cpu")
    training.add_argument("--seed", type=int, default=0)
    training.add_argument("--threads", type=positive, default=1)
    training.set_defaults(command=train_command)


def positive(text: str) -> int:
    """Parse an integer of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"Expected an integer of at least 1, got {text}.")
    return value


def steps(text: str) -> int:
    """Parse an integer of at least `FEWEST_STEPS`."""
    value = int(text)
    if value < FEWEST_STEPS:
        raise argparse.ArgumentTypeError(f"Expected an integer of at least {FEWEST_STEPS}, got {text}.")
    return value


def colour(text: str) -> tuple[int, int, int]:
    """Parse `#rrggbb`; raises `training/bad-colour`."""
    try:
        return parse_hex(text.removeprefix("#"))
    except ValueError:
        raise TrainingError("training/bad-colour", f"Expected --background as #rrggbb, got '{text}'.") from None


def train_command(options: argparse.Namespace) -> int:
    """Train, export, and print the metrics."""
    torch.set_num_threads(options.threads)
    name, out = destination(options)
    preset = PRESETS[options.preset]
    device = device_of(options.device)
    source = source_of(options, preset)
    run = start(preset, profile_of(options), options.seed, source, device)
    work = options.work or TRAINING_FOLDER / "runs" / name
    train(run, source, work / "checkpoint.pt")
    metrics = export(run, source, name, out, options.vectors or out / "vectors.json")
    print(json.dumps({**metrics, "folder": str(out)}, indent=None if options.json else 2))
    return 0


def destination(options: argparse.Namespace) -> tuple[str, Path]:
    """The model's name and folder, from --name and --out, of which one may be missing."""
    if options.name is None and options.out is None:
        raise TrainingError("training/no-name", "Expected --name or --out, got neither.")
    name = options.name or options.out.resolve().name
    if not name or not all(letter.isascii() and (letter.isalnum() or letter in "-_.") for letter in name) or name.startswith("."):
        raise TrainingError("training/bad-name", f"Expected a name of letters, digits, '-', '_' and '.', got '{name}'.")
    out = options.out or MODELS_FOLDER / name
    if out.exists() and not (out / MANIFEST).exists() and (not out.is_dir() or any(out.iterdir())):
        raise TrainingError(
            "training/not-a-model", f"Expected {out} to be new, empty or a model, got something else; it is left alone."
        )
    return name, out


def device_of(choice: str) -> str:
    """`cpu` or `cuda`."""
    available = torch.cuda.is_available()
    if choice == "cuda" and not available:
        raise TrainingError(
            "training/no-gpu", "Expected a GPU for --device cuda, got a machine on which PyTorch finds none.", ENVIRONMENT
        )
    return "cuda" if available and choice != "cpu" else "cpu"


def source_of(options: argparse.Namespace, preset: Preset) -> Source:
    """The collection's examples for the preset."""
    background = None if options.background is None else colour(options.background)
    if options.collection in OWN_COLLECTIONS and (options.collection == "strokes") != (preset.head == "rgb"):
        raise TrainingError(
            "training/wrong-preset",
            f"Expected preset RGB for strokes and a palette preset for nouns, got {preset.name} for {options.collection}.",
        )
    if options.collection == "nouns":
        return NounsSource(load_collection(options.data), preset.size)
    if options.collection == "strokes":
        return strokes_source()
    return folder_source(Path(options.collection), preset, background)


def profile_of(options: argparse.Namespace) -> Profile:
    """The preset's profile with the given changes."""
    profile = PROFILES[options.preset, options.profile]
    if options.steps is not None:
        profile = replace(profile, float_steps=options.steps, qat_steps=max(FEWEST_STEPS, options.steps // 10))
    return profile if options.rate is None else replace(profile, float_rate=options.rate)


def verify_command(options: argparse.Namespace) -> int:
    """Check an exported model, and print how many latents were compared."""
    compared = check_folder(options.model, options.vectors)
    print(json.dumps({"model": options.model.resolve().name, "latentsCompared": compared}))
    return 0


def sample_command(options: argparse.Namespace) -> int:
    """Write the images of one of our own collections."""
    write_samples(PAINTERS[options.collection](options.count, options.seed), options.folder)
    print(json.dumps({"folder": str(options.folder), "images": options.count}))
    return 0


def book_command(options: argparse.Namespace) -> int:
    """Write or check the generated tables of the book."""
    if options.check:
        check_book()
    else:
        write_book()
    return 0


if __name__ == "__main__":
    sys.exit(main())
