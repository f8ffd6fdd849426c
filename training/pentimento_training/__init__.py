"""Training and export of the int8 palette decoders that Pentimento proves."""

__version__ = "1.0.0"
