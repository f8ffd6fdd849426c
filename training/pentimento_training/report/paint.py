"""The 216 evaluation photos painted in every way that a report compares, each with the poses that were chosen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import TrainingError
from ..measures.anchors import naive_pixelation
from ..model import PRESETS, Decoder, Encoder
from ..style import pose
from ..style.styler import open_style
from ..train import colours_of
from .real import second_sample
from .subject import BATCH, Subject, shown

# An int8 network of a checkpoint must paint what the exported integers paint, but for what the export settles.
SAME_MODEL = 0.98


@dataclass(frozen=True)
class Painted:
    """Images float [N, 3, H, W] in 0..1 as they are shown, and their pose bytes int64 [N]."""

    images: Tensor
    poses: Tensor


@dataclass(frozen=True)
class Networks:
    """The networks of one phase of training, ready to use."""

    encoder: Encoder
    decoder: Decoder

    @torch.no_grad()
    def outputs(self, pictures: Tensor) -> Tensor:
        """The decoder's head for pictures [N, 3, 64, 64]: logits [N, K, H, W] or RGB activations [N, 3, H, W]."""
        return torch.cat([self.decoder(self.encoder(part)) for part in pictures.split(BATCH)])

    def paint(self, pictures: Tensor, palette: Tensor) -> Tensor:
        """Images [N, 3, H, W] in 0..1."""
        outputs = self.outputs(pictures)
        return shown(outputs.argmax(1).numpy(), palette) if len(palette) else colours_of(outputs)


def load_networks(subject: Subject, checkpoint: Path) -> dict[str, Networks]:
    """`control` (float, as many steps as int8) and `int8` of a finished run; raises `report/checkpoint` if it is another model's."""
    content = torch.load(checkpoint, map_location="cpu", weights_only=False)
    networks = {}
    for phase in ("control", "int8"):
        if phase not in content["networks"]:
            raise TrainingError(
                "report/checkpoint", f"Expected a finished run in {checkpoint}, got one without the phase {phase}."
            )
        preset = PRESETS[subject.manifest["preset"]]
        encoder, decoder = Encoder(preset.latent), Decoder(preset)
        encoder.load_state_dict(content["networks"][phase]["encoder"])
        decoder.load_state_dict(content["networks"][phase]["decoder"])
        decoder.quantised = phase == "int8"
        networks[phase] = Networks(encoder.eval(), decoder.eval())
    return networks


def require_same_model(subject: Subject, networks: Networks, photos: Tensor) -> None:
    """Raise `report/checkpoint` unless the int8 networks paint what the exported model paints."""
    exported = subject.decode(subject.encode(photos[:BATCH]))
    equal = (networks.paint(photos[:BATCH], subject.palette) - exported).abs().amax(1) < 1.5 / 255
    share = float(equal.float().mean())
    if share < SAME_MODEL:
        raise TrainingError(
            "report/checkpoint",
            f"Expected the checkpoint of {subject.manifest['name']}, got one whose int8 network agrees on {share:.1%} of the pixels only.",
        )


def paint_all(subject: Subject, photos: Tensor, networks: dict[str, Networks]) -> dict[str, Painted]:
    """Every column of the report: anchors, single pass in float (if there is a checkpoint) and int8, and the dials of the model."""
    columns = {
        "floor": unposed(second_sample(subject, len(photos))),
        "naive": unposed(naive_pixelation(photos, subject.palette, subject.size)),
    }
    if networks:
        columns["float"] = unposed(networks["control"].paint(photos, subject.palette))
    columns["int8"] = unposed(subject.decode(subject.encode(photos)))
    return columns | paint_dials(subject, photos)


def paint_dials(subject: Subject, photos: Tensor) -> dict[str, Painted]:
    """The photos through search and refinement, one column per dial of the model's style package; none without a package."""
    if "style" not in subject.manifest:
        return {}
    styler, dials = open_style(subject.folder)
    columns = {}
    for name in subject.manifest["style"]["dials"]:
        answers = [styler.style(photo, dials[name])[0] for photo in photos.numpy()]
        poses = torch.tensor([answer.pose for answer in answers])
        images = subject.decode(np.stack([answer.latent for answer in answers]))
        columns[name] = Painted(pose.apply(images, poses), poses)
    return columns


def unposed(images: Tensor) -> Painted:
    """Images that stand where they were painted."""
    return Painted(images, torch.full((len(images),), pose.IDENTITY))
