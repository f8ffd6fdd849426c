"""Where the tests find what is committed."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MODELS = sorted(path.parent for path in (REPOSITORY / "models").glob("*/manifest.json"))
