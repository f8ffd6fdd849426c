"""The quality report of a model: HTML, JSON and a sheet of pictures; `book/quality.md` explains its measures."""
