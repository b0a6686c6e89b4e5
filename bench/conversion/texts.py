"""Text alone as calibration in languages of which there are no clips: taught over what the encoder made of others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path

from torch import Tensor

from bench.arms import Arm
from bench.corpora import read_texts
from bench.errors import BenchError
from bench.languages import code_of
from bench.mla.moments import Taught
from bench.runners.likelihood import teach

TEXTS = 64
"""Sentences of a language that are taken of a file."""
KEPT = 4
"""Clips of each language whose encoder states are kept to teach texts over."""


def choose_texts(path: Path) -> dict[str, tuple[str, ...]]:
    """By language. Raises BenchError where there is none."""
    return read_texts(path, TEXTS, seed=1)


def require_spoken(arm: Arm, path: Path, languages: Iterable[str]) -> None:
    """Raises BenchError for a language that the model has no token for."""
    if unknown := [language for language in languages if not arm.vocabulary.speaks(language)]:
        raise BenchError(f"{path}: the model has no token for {', '.join(unknown)}; remove the rows in it")


def with_texts(
    arm: Arm, heard: Iterable[Taught], texts: Mapping[str, Sequence[str]], advance: Callable[[int], None]
) -> Iterator[Taught]:
    """What is heard; then the texts in languages that were not, a text a batch, over states of clips that were."""
    kept: dict[str, list[Tensor]] = {}
    for taught in heard:
        of_language = kept.setdefault(code_of(taught.language), [])
        if len(of_language) < KEPT:
            of_language.append(taught.states)
        yield taught
    states = cycle([each for of_language in kept.values() for each in of_language])
    for language, sentences in texts.items():
        if language not in kept:
            for sentence, of_clip in zip(sentences, states, strict=False):
                inputs, _ = teach(arm, [sentence], language)
                yield Taught(of_clip, inputs.to(of_clip.device), language)
        advance(len(sentences))
