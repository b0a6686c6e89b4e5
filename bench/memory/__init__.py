"""What decoding takes: in closed form for any Whisper, and measured for the arms of a suite."""

from bench.memory.budget import ITEMSIZE, Budget, Load, budget_of
from bench.memory.skeletons import make_skeleton, read_config
from bench.memory.variants import Rival, list_rivals
from bench.mla.sizes import WHISPERS

__all__ = [
    "ITEMSIZE",
    "WHISPERS",
    "Budget",
    "Load",
    "Rival",
    "budget_of",
    "list_rivals",
    "make_skeleton",
    "read_config",
]
