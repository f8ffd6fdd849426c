"""From a photo to a latent and a pose, in numpy over the two exported graphs; `packages/style` does the same in TypeScript.

Search, exact comparison of the candidates, a few steps of Adam on the best of them, and the best of all latents met on the way.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from ..integer import ACTIVATION_MAX

MANIFEST = "style.json"
DECAY, SQUARE_DECAY, SMALL = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Dial:
    """How far a photo is followed.

    amounts [G] of the terms, colour, tilt [K] and inertia [L]: the loss; steps of Adam at `rate` for the best `finalists` candidates.
    """

    amounts: np.ndarray
    colour: float
    tilt: np.ndarray
    inertia: np.ndarray
    steps: int
    rate: float
    finalists: int


@dataclass(frozen=True)
class Styled:
    """latent: uint8 [L] in 0..127; pose: 0..125; loss: lower is better, comparable within one photo and dial."""

    latent: np.ndarray
    pose: int
    loss: float


class Styler:
    """The graphs of one model."""

    def __init__(self, search: bytes, step: bytes) -> None:
        self._search, self._step = session(search), session(step)

    def entries(self, photo: np.ndarray, dial: Dial) -> tuple[np.ndarray, np.ndarray]:
        """Every entry's score without the tilt, and its best pose, for a photo [3, 64, 64]: [M] and [M]."""
        score, pose = self._search.run(["score", "pose"], search_inputs(photo, dial))
        return score, pose

    def style(self, photo: np.ndarray, dial: Dial) -> list[Styled]:
        """The answers for one photo float32 [3, 64, 64] in 0..1, best first, no two with the same latent."""
        latent, pose, loss = self._search.run(["latent", "latentPose", "loss"], search_inputs(photo, dial))
        order = np.argsort(loss, kind="stable")[: dial.finalists]
        return self._refine(photo, latent[order], pose[order], dial)

    def _refine(self, photo: np.ndarray, origin: np.ndarray, pose: np.ndarray, dial: Dial) -> list[Styled]:
        latent = origin.astype(np.float64)
        mean, square = np.zeros_like(latent), np.zeros_like(latent)
        best_loss, best = np.full(len(origin), np.inf), origin.copy()
        for step in range(dial.steps + 1):
            current = latent.astype(np.float32)
            loss, gradient = self._evaluate(photo, current, origin, pose, dial)
            better = loss < best_loss
            best_loss[better], best[better] = loss[better], current[better]
            mean = DECAY * mean + (1 - DECAY) * gradient
            square = SQUARE_DECAY * square + (1 - SQUARE_DECAY) * np.square(gradient, dtype=np.float64)
            correction = np.sqrt(square / (1 - SQUARE_DECAY ** (step + 1))) + SMALL
            latent = np.clip(latent - dial.rate * mean / (1 - DECAY ** (step + 1)) / correction, 0, ACTIVATION_MAX)
        answers = zip(np.floor(best + np.float32(0.5)).astype(np.uint8), pose, best_loss, strict=True)
        return distinct(sorted((Styled(z, int(p), float(value)) for z, p, value in answers), key=lambda answer: answer.loss))

    def _evaluate(
        self, photo: np.ndarray, latent: np.ndarray, origin: np.ndarray, pose: np.ndarray, dial: Dial
    ) -> tuple[np.ndarray, np.ndarray]:
        inputs = {"photo": photo[None], "latent": latent, "origin": origin, "pose": pose, **loss_inputs(dial)}
        loss, gradient = self._step.run(["loss", "gradient"], {**inputs, "inertia": dial.inertia.astype(np.float32)})
        return loss, gradient


def distinct(answers: list[Styled]) -> list[Styled]:
    """The answers without later ones of an equal latent."""
    seen: set[bytes] = set()
    return [answer for answer in answers if not (answer.latent.tobytes() in seen or seen.add(answer.latent.tobytes()))]


def search_inputs(photo: np.ndarray, dial: Dial) -> dict[str, np.ndarray]:
    """The search graph's inputs."""
    return {"photo": photo[None], **loss_inputs(dial)}


def loss_inputs(dial: Dial) -> dict[str, np.ndarray]:
    """What both graphs need of a dial."""
    return {
        "amounts": dial.amounts.astype(np.float32),
        "colour": np.array([dial.colour], np.float32),
        "tilt": dial.tilt.astype(np.float32),
    }


def session(graph: bytes) -> onnxruntime.InferenceSession:
    """A session on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def open_style(folder: Path) -> tuple[Styler, dict[str, Dial]]:
    """The styler and the dials of an exported model."""
    manifest = json.loads((folder / MANIFEST).read_text())
    search, step = ((folder / manifest["files"][name]["file"]).read_bytes() for name in ("search", "step"))
    deviation = np.array(manifest["deviation"])
    return Styler(search, step), {name: dial_of(entry, deviation) for name, entry in manifest["dials"].items()}


def dial_of(entry: dict, deviation: np.ndarray) -> Dial:
    """A dial from its entry in the manifest."""
    return Dial(
        amounts=np.array(entry["amounts"]),
        colour=entry["colour"],
        tilt=np.array(entry["tilt"]),
        inertia=inertia_of(entry["inertia"], deviation),
        steps=entry["steps"],
        rate=entry["rate"],
        finalists=entry["finalists"],
    )


def inertia_of(amount: float, deviation: np.ndarray) -> np.ndarray:
    """The loss of one unit of each latent element: `amount` if all of them move by one standard deviation, together."""
    return amount / (len(deviation) * np.square(deviation))
