"""The histogram tilt: a price per colour, so that what the search chooses has the colours of the collection on average.

Choosing the best match favours odd images (much black, much red); the prices are raised and lowered on pictures that are no part
of any evaluation until the mean share of every colour among the chosen equals the collection's.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

UPDATES = 120
CORRECTIONS = 2
FIRST_RATE, LAST_RATE = 0.02, 0.003


def fit_tilt(scores: np.ndarray, share: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Prices float [K] per share of colour.

    scores: [C, M], every content's score for every entry; share: [M, K]; target: [K], the collection's mean shares.
    """
    deviation = share.std(0) + 1e-3
    normalised = share / deviation
    price = np.zeros(share.shape[1])
    for rate in np.geomspace(FIRST_RATE, LAST_RATE, UPDATES):
        chosen = (scores - normalised @ price).argmax(1)
        price += rate * (share[chosen].mean(0) - target) / deviation
    return price / deviation


def fit_through(
    scores: np.ndarray, share: np.ndarray, target: np.ndarray, outcome: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Like `fit_tilt`, for the shares that come out at the end: `outcome` gives the mean shares [K] of all answers under a tilt.

    The refinement adds some colours and removes others, so the search is made to aim beside the target by as much.
    """
    aim = target.copy()
    for _ in range(CORRECTIONS):
        tilt = fit_tilt(scores, share, aim)
        aim = aim + target - outcome(tilt)
    return fit_tilt(scores, share, aim)
