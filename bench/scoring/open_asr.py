"""What the Open ASR Leaderboard's scorer makes of an English text before it counts words.

The rules that its repository (huggingface/open_asr_leaderboard) published in autumn 2026: Whisper's English normaliser,
from transformers, with the list of British spellings from whisper_normalizer, and what the leaderboard does beside
that: fillers of any length, times of day, spelled abbreviations joined, names and some compounds unified, `'s` opened
only where it is a verb, `oh` a digit only within a number. Scores of two states of these rules do not compare.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from bench.errors import BenchError
from bench.scoring.brackets import without_brackets
from bench.scoring.clock import unify_times
from bench.scoring.compounds import NEEDED
from bench.scoring.open_asr_lists import ADDED_SPELLINGS, COMPOUNDS, DROPPED_SPELLINGS, NAMES

FILLER = re.compile(
    r"\b(?:ah-ha|a+h+(?:m*|a+)|e+h+m*|e+m+|e+r+m*|h+(?:a+|e+|u+)h+|h+m+|m{2,}|m+h+m*|t+s+k+|u+g+h+"
    r"|u+h+(?:m*|u+[hm]*)|u+m+h*|ahem|ehehe?|ehr|hmmph|hum|hunh|mhum|mmkay)\b"
)
BEFORE_APOSTROPHE = re.compile(r"\s+(?=')")
ANY_S, VERB_S = r"'s\b", r"\b(it|he|she|what|that|who|here|there|how|when|where|why|this)'s\b"
COMMA_IN_NUMBER = re.compile(r"(\d),(\d)")
POINT = re.compile(r"\.(?![0-9])")
SIGNS = ".%$¢€£"
OPENING_SIGN, CLOSING_SIGN = re.compile(r"[.$¢€£](?![0-9])"), re.compile(r"(?<![0-9])%")
LONG_OH = re.compile(r"\b(?:o+h+|ooo+)\b")

INTERJECTION = "oh!"
"""How an `oh` that is no digit is hidden from the numbers' rules: no word has a mark by then."""
NUMBER, SIGNED, WHOLE = (re.compile(pattern) for pattern in (r"\d+(?:\.\d+)?", r"[£€$¢]?\d+(?:\.\d+)?", r"\d+"))


def normalize_open_asr(text: str) -> str:
    """The text by the leaderboard's rules, words separated by single spaces. Raises BenchError without the extra."""
    text = without_brackets(" ".join(text.lower().split()))
    text = unify_times(BEFORE_APOSTROPHE.sub("", FILLER.sub("", text)))
    for contraction, words in _contractions():
        text = contraction.sub(words, text)
    text = POINT.sub(" ", COMMA_IN_NUMBER.sub(r"\1\2", text))
    text = _whispers().remove_symbols_and_diacritics(text, keep=SIGNS)
    for phrase, compound in _compounds():
        text = phrase.sub(compound, text)
    spelled = (_spellings().get(word, word) for word in _write_numbers(LONG_OH.sub("oh", text)).split())
    text = " ".join(_join_letters(NAMES.get(word, word) for word in spelled))
    return " ".join(CLOSING_SIGN.sub(" ", OPENING_SIGN.sub(" ", text)).split())


@cache
def _whispers() -> Any:
    from transformers.models.whisper import english_normalizer  # seconds that no other normaliser takes

    return english_normalizer


@cache
def _contractions() -> list[tuple[re.Pattern[str], str]]:
    """Whisper's, in its order, but a possessive 's stays."""
    whispers: dict[str, str] = _whispers().EnglishTextNormalizer({}).replacers
    changed = [(VERB_S, r"\1 is") if pattern == ANY_S else (pattern, words) for pattern, words in whispers.items()]
    return [(re.compile(pattern), words) for pattern, words in changed]


@cache
def _compounds() -> list[tuple[re.Pattern[str], str]]:
    phrases = {r"\s+".join(phrase.split()): compound for phrase, compound in COMPOUNDS.items()}
    return [(re.compile(rf"\b{phrase}\b"), compound) for phrase, compound in phrases.items()]


@cache
def _spellings() -> dict[str, str]:
    """British spellings to American ones."""
    try:
        text = files("whisper_normalizer").joinpath("normalizers/english.json").read_text(encoding="utf-8")
    except ImportError:
        raise BenchError(NEEDED) from None
    listed = {british: american for british, american in json.loads(text).items() if british not in DROPPED_SPELLINGS}
    return listed | ADDED_SPELLINGS


def _join_letters(words: Iterable[str]) -> Iterator[str]:
    """Runs of single letters or digits as one word: b b c. Runs with a or i, which are words, from three letters on."""
    for single, run in groupby(words, key=lambda word: len(word) == 1 and word.isalnum()):
        letters = list(run)
        fewest = 3 if {"a", "i"} & set(letters) else 2
        yield from ["".join(letters)] if single and len(letters) >= fewest else letters


@cache
def _numbers() -> Any:
    """Whisper's rules of numbers, to which an interjection is a word that may stand where a number might."""
    numbers = _whispers().EnglishNumberNormalizer()
    numbers.suffixers[INTERJECTION] = {}
    numbers.words.add(INTERJECTION)
    numbers.decimals.add(INTERJECTION)
    return numbers


def _write_numbers(text: str) -> str:
    """Spoken numbers in digits."""
    numbers = _numbers()
    words = numbers.process_words(_hide_interjections(numbers.preprocess(text).split()))
    return str(numbers.postprocess(" ".join(words).replace(INTERJECTION, "oh")))


def _hide_interjections(words: Sequence[str]) -> list[str]:
    """An oh is a digit after `double` and `triple`, and within a number: a digit follows, and a number stands before
    it or another digit behind that.
    """
    hidden: list[str] = []
    pending = False
    for i, word in enumerate(words):
        before, (after, behind) = (words[i - 1] if i else ""), (*words[i + 1 : i + 3], "", "")[:2]
        is_digit = before in {"double", "triple"} or (_is_digit(after) and (pending or _is_digit(behind)))
        hidden.append(INTERJECTION if word == "oh" and not is_digit else word)
        pending = _is_pending(hidden[-1], before, after, pending)
    return hidden


def _is_digit(word: str) -> bool:
    numbers = _numbers()
    return bool(WHOLE.fullmatch(word)) or any(word in kind for kind in (numbers.zeros, numbers.ones, numbers.tens))


def _is_pending(word: str, before: str, after: str, pending: bool) -> bool:
    """Whether Whisper's rules hold a number behind this word that the next may add to."""
    numbers = _numbers()
    if word == "point" and (after in numbers.decimals or NUMBER.fullmatch(after)):
        return True
    if word == "point" or (word == "and" and before in numbers.multipliers):
        return pending and (after in numbers.words or bool(NUMBER.fullmatch(after)))
    return _is_digit(word) or word in numbers.multipliers or bool(SIGNED.fullmatch(word))
