"""What arms hold in memory, as text and as pictures."""

from bench.reporting.memory.text import render_memory, write_memory

__all__ = ["render_memory", "write_memory"]
