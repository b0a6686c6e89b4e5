"""whisper-mla-bench: how much a converted speech model costs, in which language, how surely, and what it saves."""

__version__ = "0.1.0"
