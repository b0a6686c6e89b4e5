"""The version of this package, as signatures print it."""

__version__ = "0.1.0"
