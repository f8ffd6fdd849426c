"""The tilt, the fitting contents, the features, and the drawing."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import torch

from pentimento_training.measures.photos import PICTURES, evaluation_photos
from pentimento_training.style import contents, features
from pentimento_training.style.frontier import STEPS, drawing, steps_around
from pentimento_training.style.tilt import fit_through, fit_tilt


def unbalanced(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Scores that prefer entries with much of colour 0, and the entries' shares of four colours."""
    share = rng.dirichlet(np.ones(4), 300)
    return rng.normal(0, 0.2, (400, 300)) + 0.8 * share[:, 0], share


def test_tilt_balances_the_chosen() -> None:
    """Without it the first colour is far too frequent, with it all shares are right."""
    scores, share = unbalanced(np.random.default_rng(0))
    target = np.full(4, 0.25)
    before = share[scores.argmax(1)].mean(0)
    after = share[(scores - share @ fit_tilt(scores, share, target)).argmax(1)].mean(0)
    assert np.abs(before - target).max() > 0.1
    assert np.abs(after - target).max() < 0.02


def test_tilt_makes_up_for_what_comes_after_the_search() -> None:
    """A later stage that adds 0.05 of colour 1 is aimed beside."""
    scores, share = unbalanced(np.random.default_rng(1))
    target, added = np.full(4, 0.25), np.array([-0.05, 0.05, 0, 0])

    def outcome(tilt: np.ndarray) -> np.ndarray:
        return share[(scores - share @ tilt).argmax(1)].mean(0) + added

    assert np.abs(outcome(fit_tilt(scores, share, target)) - target).max() > 0.04
    assert np.abs(outcome(fit_through(scores, share, target, outcome)) - target).max() < 0.02


def test_contents_are_no_evaluation_pictures() -> None:
    """No file is shared, not even as the other eye's view, and no content resembles an evaluation photo."""
    stems = {name.split(".")[0].split("_")[0] for name in PICTURES}
    assert not stems & {name.split(".")[0].split("_")[0] for name in contents.FITTING_PICTURES}
    pictures, photos = contents.fitting_contents(200), evaluation_photos()
    assert float(torch.cdist(pictures.flatten(1), photos.flatten(1)).min()) > 1
    assert torch.equal(pictures, contents.fitting_contents(200))
    assert pictures.min() >= 0 and pictures.max() <= 1


def test_basis_is_orthonormal_and_terms_ignore_brightness() -> None:
    """A brighter and paler photo has the same features."""
    assert np.allclose(features.cosine_basis() @ features.cosine_basis().T, np.eye(16))
    photo = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    weights = torch.stack([torch.from_numpy(term) for term in features.TERMS.values()])
    plain, paler = (features.term_features(features.spectrum(x), weights) for x in (photo, photo * 0.5 + 0.4))
    assert torch.allclose(plain, paler, atol=1e-4)
    assert torch.allclose(plain.pow(2).sum(2), torch.ones(1), atol=1e-4)


def test_structure_sees_no_colour() -> None:
    """Exchanging red and blue changes the layout and not the structure."""
    photo = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    weights = torch.stack([torch.from_numpy(term) for term in features.TERMS.values()])
    one, other = (features.term_features(features.spectrum(x), weights) for x in (photo, photo.flip(1)))
    cosines = (one * other).sum(2)[0]
    assert float(cosines[1]) > 0.999
    assert float(cosines[0]) < 0.99


def test_drawing_is_well_formed_and_holds_every_point() -> None:
    """One circle per setting, a large one for each dial's own."""
    points = [
        {
            "dial": dial,
            "steps": steps,
            "own": steps == 10,
            "patchSwd": 1e-3 + 1e-4 * steps / 30,
            "layoutRecall10": 0.5 + steps / 100,
        }
        for dial in ("on-brand", "faithful")
        for steps in STEPS
    ]
    root = ElementTree.fromstring(drawing(points, "model"))
    circles = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == len(points)
    assert [float(circle.attrib["r"]) > 4 for circle in circles] == [point["own"] for point in points]
    assert len({circle.attrib["fill"] for circle in circles}) == 2


def test_a_curve_has_the_dials_own_number_of_steps() -> None:
    """In place of one so near that the points would cover each other."""
    assert [steps_around(own) for own in (12, 27, 10, 18)] == [[0, 5, 12, 25], [0, 5, 10, 27], [0, 5, 10, 25], [0, 5, 10, 18, 25]]
