"""Real pictures of the collection in the form in which the model paints: its size and its colours."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..source import Examples
from .subject import Subject

REFERENCE_COUNT = 400
REFERENCE_SEED = 21
SECOND_SEED = 22
HELD_OUT_SEED = 23
SEEN_SEED = 24


def reference(subject: Subject) -> Tensor:
    """What everything is compared with: at most 400 real pictures [N, 3, H, W]."""
    return images_of(subject, subject.source.seen(REFERENCE_COUNT, np.random.default_rng(REFERENCE_SEED)))


def seen_examples(subject: Subject, count: int) -> Examples:
    """Examples of what training shows, in the model's form."""
    return subject.source.seen(count, np.random.default_rng(SEEN_SEED))


def second_sample(subject: Subject, count: int) -> Tensor:
    """Other real pictures [count, 3, H, W], for the floor and the classifier; a small collection repeats its own."""
    images = images_of(subject, subject.source.seen(count, np.random.default_rng(SECOND_SEED)))
    return images[torch.arange(count) % len(images)]


def held_out(subject: Subject, count: int) -> Examples:
    """Examples that training never showed."""
    return subject.source.held_out(count, np.random.default_rng(HELD_OUT_SEED))


def images_of(subject: Subject, examples: Examples) -> Tensor:
    """The targets of examples as images [N, 3, H, W] in 0..1."""
    targets = torch.from_numpy(examples.targets)
    return targets if subject.source.palette is None else subject.palette[targets].permute(0, 3, 1, 2).contiguous()
