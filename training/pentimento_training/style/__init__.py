"""From a photo to a latent and a pose: a bank of the model's own paintings is searched, and the best are refined.

Nothing here is proven, and nothing here knows a collection: it needs a model's integers, its encoder, and images of its collection.
"""

from .command import add_parser

__all__ = ["add_parser"]
