"""What the speech of a card's figures is, what was done to it, and what was not."""

from __future__ import annotations

from bench.analysis.robustness import degraded_specs
from bench.suite import ConditionSpec, Suite

KINDS = {
    "noise": "added noise",
    "telephony": "telephony (8 kHz)",
    "far-field": "far-field",
    "overlap": "overlapping speech",
}
"""What speech may be heard under, by the kind of a condition."""
SPEECH = {
    "demo": "Synthetic speech by a formant synthesiser: no room, no microphone, no recorded noise.",
    "common-voice": "Crowdsourced read speech from consumer microphones, with the real noise of its surroundings "
    "(traffic, rooms, devices): Common Voice's own conditions, not a studio's. The results above include them.",
}
RECORDED = "The recordings of the corpus as they are; the harness knows nothing of where and how they were made."
DEMO = "These figures show how the harness works; they say nothing of real speech or of any published model."


def demo_words(suite: Suite) -> str:
    """What a demo must say before anything else; nothing of what is measured."""
    if suite.label != "demo":
        return ""
    return f"demo: {'synthetic speech, micro models. ' if suite.corpus.kind == 'demo' else ''}{DEMO}"


def speech_of(suite: Suite) -> str:
    """What the clips are."""
    return SPEECH.get(suite.corpus.kind, RECORDED)


def conditions_line(suite: Suite) -> str:
    """What was done to them, in one line."""
    return f"Measured beside clean speech: {'; '.join(map(_described, degraded_specs(suite)))}."


def conditions_missing(suite: Suite) -> str:
    """What else is done to speech in use, and was not measured."""
    measured = {spec.kind for spec in degraded_specs(suite)}
    return ", ".join(name for kind, name in KINDS.items() if kind not in measured)


def _described(spec: ConditionSpec) -> str:
    """white: added white noise at 20 / 10 dB."""
    first = spec.conditions(None)[0]
    rungs = "" if spec.rungs is None else f" at {' / '.join(f'{rung:g}' for rung in spec.rungs)} dB"
    rooms = "recorded rooms" if first.rt60 is None else f"simulated rooms, RT60 {first.rt60:g} s"
    words = {
        "noise": f"{'recorded' if first.noise == 'recordings' else first.noise} noise added{rungs}",
        "telephony": f"telephony, 8 kHz, {first.codec}",
        "far-field": f"far-field, {rooms}",
        "overlap": f"another speaker{rungs}",
    }
    then = f", then {spec.then}" if spec.then else ""
    return f"{spec.name} ({words[spec.kind]}{then})"
