"""The committed style packages: whole, of their model, and giving the committed answers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from pentimento_training.files import read_model
from pentimento_training.style.export import entry_of, recipes_for
from pentimento_training.style.styler import open_style
from pentimento_training.style.vectors import formula_picture

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGES = sorted(path.parent for path in (REPOSITORY / "models").glob("*/style.json"))
LARGEST_FILE = 2 << 20


def test_there_is_one_for_model_m() -> None:
    """The default model."""
    assert "nouns-m" in [folder.name for folder in PACKAGES]


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_package_is_whole(folder: Path) -> None:
    """Digests, sizes, commitment, the dials as the recipes make them, and the model's manifest names it."""
    manifest, model = (json.loads((folder / name).read_text()) for name in ("style.json", "manifest.json"))
    assert manifest["commitment"] == model["commitment"]
    assert model["style"] == {"file": "style.json", "dials": list(manifest["dials"])}
    recipes = recipes_for(read_model(folder))
    assert {name: {**dial, "tilt": None} for name, dial in manifest["dials"].items()} == {
        name: {**entry_of(recipe), "tilt": None} for name, recipe in recipes.items()
    }
    for entry in manifest["files"].values():
        content = (folder / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert len(content) < LARGEST_FILE


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_answers_are_the_committed_ones(folder: Path) -> None:
    """The same pose and loss; the latent may differ in a few last places on another processor."""
    vectors = json.loads((REPOSITORY / "vectors" / "style" / f"{folder.name}.json").read_text())
    styler, dials = open_style(folder)
    assert len(vectors["cases"]) == 4 * len(dials)
    for case in vectors["cases"]:
        answer = styler.style(formula_picture(*case["picture"]), dials[case["dial"]])[0]
        assert answer.pose == case["pose"]
        assert abs(answer.loss - case["loss"]) < 2e-3
        assert np.mean(np.abs(answer.latent.astype(int) - case["latent"]) > 1) < 0.1
