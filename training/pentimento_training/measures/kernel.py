"""Own-feature KID: the kernel distance of Binkowski et al. 2018 on features of the collection's own encoder.

It is not KID: no Inception network is involved, and the figures of different models cannot be compared.
"""

from __future__ import annotations

from torch import Tensor


def own_feature_kid(a: Tensor, b: Tensor) -> float:
    """Unbiased squared maximum mean discrepancy of feature rows [N, D] and [M, D] under the kernel (x.y/D + 1)^3.

    About 0 (also slightly below) for two samples of one distribution. Own features: never to be called KID.
    """
    a, b = a.double(), b.double()
    within_a = (kernel(a, a).sum() - kernel(a, a).diagonal().sum()) / (len(a) * (len(a) - 1))
    within_b = (kernel(b, b).sum() - kernel(b, b).diagonal().sum()) / (len(b) * (len(b) - 1))
    return float(within_a + within_b - 2 * kernel(a, b).mean())


def kernel(a: Tensor, b: Tensor) -> Tensor:
    """Cubic polynomial kernel of feature rows: [N, M]."""
    return (a @ b.T / a.shape[1] + 1) ** 3
