"""Far-field speech: a room's impulse response, recorded or simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from bench.audio import SAMPLE_RATE, Audio
from bench.errors import BenchError
from bench.snr_ladder.levels import measure_level
from bench.snr_ladder.mixing import without_clipping
from bench.snr_ladder.recordings import Recordings
from bench.snr_ladder.speech import Degraded, Speech

ROOMS = 8
"""Simulated rooms of a condition: clips are spread over them."""
SMALLEST, LARGEST = (4.0, 3.5, 2.5), (7.0, 5.0, 3.2)
"""Rooms' length, width and height, in metres."""
NEAREST, FARTHEST = 1.0, 4.0
"""The microphone's distance from the speaker, in metres."""
WALL = 0.5
"""Metres that speaker and microphone keep from walls, at least."""
HEIGHT = (1.0, 1.8)
DECAYED = 1e-6
"""Share of a response's energy that may be left where it is cut."""


@dataclass(frozen=True, eq=False)
class Room:
    """What a room does to speech, and where it comes from.

    `delay` is the sample at which the direct path arrives, `tail` how many samples later the response has decayed by
    60 dB.
    """

    reverberate: Callable[[Audio], Audio]
    delay: int
    tail: int
    source: dict[str, Any]

    @classmethod
    def of(cls, reverberate: Callable[[Audio], Audio], source: dict[str, Any], delay: int | None = None) -> Room:
        """Where the delay is not known, the direct path is the first sample that is half as large as the largest.

        Raises ValueError for a response that is silent.
        """
        response = reverberate(np.ones(1, dtype=np.float32)).astype(np.float64)
        if not response.any():
            raise ValueError("a silent impulse response")
        if delay is None:
            delay = int(np.argmax(np.abs(response) >= np.abs(response).max() / 2))
        left = np.cumsum(np.square(response[::-1]))[::-1]
        return cls(reverberate, delay, int(np.count_nonzero(left > DECAYED * left[0])) - delay, source)


def far_field(speech: Speech, room: Room) -> Degraded:
    """Reverberant speech at the active level of the dry one, beginning with the direct path; longer by the tail."""
    wet = room.reverberate(speech.audio)[room.delay : room.delay + len(speech.audio) + room.tail]
    gain_db = speech.level.active - measure_level(wet).active
    audio, clipping_db = without_clipping(np.asarray(wet * 10 ** (gain_db / 20), dtype=np.float32))
    return Degraded(audio, None, clipping_db, speech.level, (room.source,))


@cache
def recorded_rooms(folder: Path) -> tuple[Room, ...]:
    """One an impulse response in the folder. Raises BenchError for an empty folder or a damaged file."""
    from audiomentations import ApplyImpulseResponse

    rooms = []
    for path, _ in Recordings.of(folder).files:
        apply = ApplyImpulseResponse(ir_path=path, p=1.0, leave_length_unchanged=False)
        apply.parameters = {"should_apply": True, "ir_file_path": str(path)}
        apply.freeze_parameters()
        source = {"room": path.relative_to(folder).as_posix()}
        try:
            rooms.append(Room.of(partial(apply, sample_rate=SAMPLE_RATE), source))
        except ValueError as error:
            raise BenchError(f"{path}: {error}; take it out of the condition's folder") from None
    return tuple(rooms)


@cache
def simulated_rooms(rt60: float, seed: int) -> tuple[Room, ...]:
    """Shoe-box rooms of that reverberation time (Sabine), by image sources up to the order it takes.

    By pyroomacoustics itself: audiomentations builds the same rooms from corners, whose image sources take 19 s at
    order 15, where a room of 0.3 s takes order 43; cut at 15 it reverberates 0.25 s.
    """
    rng = np.random.default_rng([seed, round(1000 * rt60)])
    return tuple(_simulate(rt60, rng) for _ in range(ROOMS))


def _simulate(rt60: float, rng: np.random.Generator) -> Room:
    import pyroomacoustics

    pyroomacoustics.constants.set("num_threads", 1)  # or the sum's order, and its last digits, are the machine's
    size = rng.uniform(SMALLEST, LARGEST)
    speaker, microphone = _positions(size, rng)
    absorption, order = pyroomacoustics.inverse_sabine(rt60, size)
    room = pyroomacoustics.ShoeBox(
        size, fs=SAMPLE_RATE, materials=pyroomacoustics.Material(absorption), max_order=order, air_absorption=True
    )
    room.add_source(speaker)
    room.add_microphone(microphone)
    room.compute_rir()
    response = np.asarray(room.rir[0][0], dtype=np.float32)
    distance = float(np.linalg.norm(speaker - microphone))
    source = {"room_m": [round(float(side), 2) for side in size], "distance_m": round(distance, 2), "rt60_s": rt60}
    constants = pyroomacoustics.constants
    arrival = distance / constants.get("c") * SAMPLE_RATE + constants.get("frac_delay_length") // 2
    return Room.of(lambda audio: np.asarray(fftconvolve(audio, response), dtype=np.float32), source, round(arrival))


def _positions(size: npt.NDArray[np.float64], rng: np.random.Generator) -> tuple[npt.NDArray[np.float64], ...]:
    """Speaker and microphone, drawn until their distance is allowed."""
    low, high = np.array([WALL, WALL, HEIGHT[0]]), np.array([size[0] - WALL, size[1] - WALL, HEIGHT[1]])
    while True:
        speaker, microphone = rng.uniform(low, high), rng.uniform(low, high)
        if NEAREST <= np.linalg.norm(speaker - microphone) <= FARTHEST:
            return speaker, microphone
