"""What a long conversion tells whoever waits for it."""

from collections.abc import Callable

Watch = Callable[[str, int, int], None]
"""Hears what is being done, of how many things at most, and how many more of them are done."""


def unwatched(what: str, total: int, done: int) -> None:
    """For those who do not wait."""
