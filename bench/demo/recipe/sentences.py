"""Random sentences of the demo grammar: digit strings, and phrases whose words agree."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np


@dataclass(frozen=True)
class Grammar:
    """One language: what may be said, how it is written and which espeak-ng voice says it."""

    language: str
    voice: str
    digits: tuple[str, ...]
    phrases: tuple[tuple[tuple[str, ...], ...], ...]
    spoken: Mapping[str, str]
    separator: str = " "


@dataclass(frozen=True)
class Sentence:
    """`text` as written in the reference, `spoken` as handed to the synthesiser, and its words."""

    text: str
    spoken: str
    words: int


def load_grammars() -> dict[str, Grammar]:
    """The grammars of `grammar.toml`, keyed by Whisper's language code."""
    table = tomllib.loads(files(__package__).joinpath("grammar.toml").read_text(encoding="utf-8"))
    return {language: _grammar(language, entry) for language, entry in table.items()}


def _grammar(language: str, entry: Mapping[str, object]) -> Grammar:
    phrases = entry["phrases"]
    assert isinstance(phrases, list)
    spoken = entry.get("spoken", {})
    assert isinstance(spoken, dict)
    return Grammar(
        language=language,
        voice=str(entry["voice"]),
        digits=tuple(str(entry["digits"]).split()),
        phrases=tuple(tuple(tuple(slot.split("|")) for slot in phrase.split()) for phrase in phrases),
        spoken=spoken,
        separator=str(entry.get("separator", " ")),
    )


def draw_sentence(grammar: Grammar, rng: np.random.Generator) -> Sentence:
    """A digit string of two to six words or one agreeing phrase, with equal odds."""
    if rng.random() < 0.5:
        words = [str(word) for word in rng.choice(grammar.digits, size=rng.integers(2, 7))]
    else:
        phrase = grammar.phrases[rng.integers(len(grammar.phrases))]
        words = [slot[rng.integers(len(slot))] for slot in phrase]
    return Sentence(
        text=grammar.separator.join(words),
        spoken=" ".join(grammar.spoken.get(word, word) for word in words),
        words=len(words),
    )
