"""Two-sample test with a classifier (Lopez-Paz and Oquab 2017): can a small network tell generated pictures from real ones?"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FOLDS = 4
EPOCHS = 24
BATCH = 32
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
CHANNELS = (16, 24, 32)


class Classifier(nn.Module):
    """Picture [N, 3, H, W] in 0..1 to one logit: three convolutions, then the mean and the maximum of every channel."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third = CHANNELS
        self.convolutions = nn.Sequential(
            nn.Conv2d(3, first, 3, padding=1),
            nn.MaxPool2d(2),
            nn.BatchNorm2d(first),
            nn.ReLU(),
            nn.Conv2d(first, second, 3, padding=1),
            nn.MaxPool2d(2),
            nn.BatchNorm2d(second),
            nn.ReLU(),
            nn.Conv2d(second, third, 3, padding=1),
            nn.BatchNorm2d(third),
            nn.ReLU(),
        ).to(memory_format=torch.channels_last)
        self.answer = nn.Linear(2 * third, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Logits [N]; positive means real."""
        maps = self.convolutions(images - 0.5)
        return self.answer(torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1))[:, 0]


def classifier_accuracy(generated: Tensor, real: Tensor, seed: int = 0) -> float:
    """Share of right answers of classifiers on pictures that they did not see in training; 0.5 is the ideal.

    `generated` and `real` are [N, 3, H, W] with the same N, so that guessing gives 0.5. Cross-fitted: each quarter of both sets is
    judged by a network that was trained on the other three. The standard error is about 0.5 / sqrt(2 N).
    Raises ValueError when the sets differ in size.
    """
    if generated.shape != real.shape:
        raise ValueError(f"Expected two sets of one shape, got {tuple(generated.shape)} and {tuple(real.shape)}.")
    images = torch.cat([generated, real]).contiguous(memory_format=torch.channels_last)
    labels = torch.cat([torch.zeros(len(generated)), torch.ones(len(real))])
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(real), generator=generator)
    folds = torch.empty(len(real), dtype=torch.int64)
    folds[order] = torch.arange(len(real)) % FOLDS
    folds = torch.cat([folds, folds])
    right = [judge(images, labels, folds == fold, generator) for fold in range(FOLDS)]
    return float(torch.cat(right).float().mean())


def judge(images: Tensor, labels: Tensor, held_out: Tensor, generator: torch.Generator) -> Tensor:
    """Train on what is not held out; for each held-out picture, whether the answer is right: bool [M]."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
        network = Classifier()
    fit(network, images[~held_out], labels[~held_out], generator)
    network.eval()
    with torch.no_grad():
        answers = torch.cat([network(part) for part in images[held_out].split(256)])
    return (answers > 0) == (labels[held_out] > 0.5)


def fit(network: Classifier, images: Tensor, labels: Tensor, generator: torch.Generator) -> None:
    """24 epochs of AdamW with a one-cycle rate; the last, smaller batch of an epoch is left out."""
    network.train()
    batch = min(BATCH, len(images))
    steps = len(images) // batch * EPOCHS
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    for _ in range(EPOCHS):
        order = torch.randperm(len(images), generator=generator)
        for first in range(0, len(order) - batch + 1, batch):
            chosen = order[first : first + batch]
            loss = F.binary_cross_entropy_with_logits(network(images[chosen]), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
