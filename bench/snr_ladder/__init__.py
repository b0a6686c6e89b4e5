"""What is done to the audio before it is decoded: noise at stated ratios, telephone lines, rooms, other speakers."""

from bench.snr_ladder.degrading import degrade, makers, rooms_of
from bench.snr_ladder.material import POOL, Material
from bench.snr_ladder.noises import FEWEST_TALKERS
from bench.snr_ladder.recordings import Recordings
from bench.snr_ladder.speech import Degraded, Said, Speech

__all__ = [
    "FEWEST_TALKERS",
    "POOL",
    "Degraded",
    "Material",
    "Recordings",
    "Said",
    "Speech",
    "degrade",
    "makers",
    "rooms_of",
]
