"""A condition applied to a clip: a pure function of the clip, the suite's seed and the fixed material."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from importlib.metadata import version

import numpy as np

from bench.audio import UnreadableAudioError
from bench.snr_ladder.levels import measure_level, rms_level
from bench.snr_ladder.material import Material
from bench.snr_ladder.mixing import mix
from bench.snr_ladder.noises import Sources, babble, looped, pink, recorded, speech_shaped, white
from bench.snr_ladder.recordings import Recordings
from bench.snr_ladder.rooms import Room, far_field, recorded_rooms, simulated_rooms
from bench.snr_ladder.speech import Added, Degraded, Speech
from bench.snr_ladder.telephony import telephone
from bench.suite import Condition
from bench.suite.conditions import RT60

TALKER_DRAWS = 8
MAKERS = ("numpy", "scipy", "audiomentations", "librosa", "pyroomacoustics")
"""Packages that make noise, lines and rooms."""


def degrade(condition: Condition, speech: Speech, material: Material, seed: int) -> Degraded:
    """What the condition makes of a clip, the same whatever else is decoded, in whatever order, on whatever machine.

    Raises UnreadableAudioError for a clip that it cannot be made for (silent, too short), BenchError for material.
    """
    made = _step(condition, speech, material, seed)
    if condition.then is not None:
        wet = Speech(speech.id, speech.speaker, made.audio, speech.text)
        after = degrade(condition.then, wet, material, seed)
        made = replace(
            after,
            snr_db=made.snr_db if after.snr_db is None else after.snr_db,
            gain_db=made.gain_db + after.gain_db,
            level=made.level,
            sources=(*made.sources, *after.sources),
        )
    if not np.isfinite(made.audio).all() or not len(made.audio):
        raise UnreadableAudioError(f"{condition.name} left no audio of it")
    return made


def _step(condition: Condition, speech: Speech, material: Material, seed: int) -> Degraded:
    rng = _rng(seed, speech.id, condition.noise or condition.kind)
    if condition.kind in ("noise", "overlap"):
        make = _talker if condition.kind == "overlap" else _noise
        key = (condition.kind, condition.noise, condition.path, material, seed)
        return mix(condition, speech, speech.once(key, lambda: make(condition, speech, rng, material)))
    if condition.kind == "telephony":
        assert condition.codec is not None
        return telephone(speech, condition.codec)
    if condition.kind == "far-field":
        rooms = rooms_of(condition, seed)
        return far_field(speech, rooms[int(rng.integers(len(rooms)))])
    return Degraded(speech.audio)


def makers() -> str:
    """With their versions: another one may make other audio."""
    return ",".join(f"{name}-{version(name)}" for name in MAKERS)


def rooms_of(condition: Condition, seed: int) -> tuple[Room, ...]:
    """Those of a far-field condition. Raises BenchError for a response that is damaged or silent."""
    return recorded_rooms(condition.path) if condition.path else simulated_rooms(condition.rt60 or RT60, seed)


def _rng(seed: int, utterance_id: str, kind: str) -> np.random.Generator:
    """Of the suite's seed, the utterance and the kind of noise: never of the level, the arm, the batch or the order."""
    digest = blake2b(f"{seed}\0{utterance_id}\0{kind}".encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def _noise(condition: Condition, speech: Speech, rng: np.random.Generator, material: Material) -> Added:
    length = len(speech.audio)
    sources: Sources = {}
    if condition.noise == "white":
        noise = white(length, rng)
    elif condition.noise == "pink":
        noise = pink(length, rng)
    elif condition.noise == "speech-shaped":
        noise = speech_shaped(length, rng, material)
    elif condition.noise == "babble":
        noise, sources = babble(speech, rng, material)
    else:
        assert condition.path is not None
        noise, sources = recorded(length, rng, Recordings.of(condition.path))
    return Added(noise, rms_level(noise), sources)


def _talker(condition: Condition, speech: Speech, rng: np.random.Generator, material: Material) -> Added:
    """Another speaker of the pool, looped or cut to length, at the active level of what is heard of him."""
    others = material.others(speech)
    for talker in [others[i] for i in rng.permutation(len(others))[:TALKER_DRAWS]]:
        voice = looped(talker.audio, 0, len(speech.audio))
        try:
            return Added(voice, measure_level(voice).active, {"talker": talker.id})
        except UnreadableAudioError:
            continue  # what is left of that clip has no speech in it
    raise UnreadableAudioError("no other speaker of the pool says something else in so short a time")
