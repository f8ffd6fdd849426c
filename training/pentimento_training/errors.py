"""What is thrown on purpose: one sentence, a stable code `subject/what`, and the exit status that the command ends with."""

from __future__ import annotations

INPUT, ENVIRONMENT, CANCELLED = 2, 3, 130


class TrainingError(Exception):
    """An expected failure: `message` says what was expected and what was found."""

    def __init__(self, code: str, message: str, status: int = INPUT) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status
