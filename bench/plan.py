"""The plan of a run: what it can detect, what it would take to detect more, and what it costs in time and disk."""

from dataclasses import dataclass

from bench.analysis.power import LanguagePlan, Size, plan_language, sizes_of
from bench.comparing import read_results
from bench.corpora import Corpus, load_corpus
from bench.errors import BenchError
from bench.scoring import make_normalizer
from bench.stats import expected_standard_error
from bench.store import Store
from bench.suite import Suite

DEFAULT_TARGET = 1.0
CHARACTERS_TOGETHER = 3
"""Characters that go wrong together, about: errors of characters come in runs, not one by one."""
BYTES_PER_DECODE = 400
"""The bytes of a decode in Parquet, roughly, where nothing has been decoded yet."""


@dataclass(frozen=True)
class Plan:
    """What a suite can detect in each language, and what decoding it takes.

    `source` says where the standard errors are from; `seconds` is None before a first run.
    """

    source: str
    target: float
    margin: float | None
    languages: tuple[LanguagePlan, ...]
    decodes: int
    seconds: float | None
    megabytes: float


def make_plan(
    suite: Suite, store: Store, wer: float | None, target: float | None, corpus: Corpus | None = None
) -> Plan:
    """The plan from stored decodes; or, given a control's WER in per cent, from the references of the suite's corpus.

    `corpus`: where it is loaded already. Raises BenchError where there are neither decodes nor a WER.
    """
    if target is not None and not 0 < target < float("inf"):
        raise BenchError(f"--target {target:g}: a cost in points, above 0")
    target = target or suite.statistics.margin or DEFAULT_TARGET
    if wer is None:
        source, sizes = "the stored decodes", _from_decodes(suite, store)
    else:
        source = (
            f"an error rate of {wer:g} %: 40 % of the errors each arm's own, no loops, the cost alike for all speakers"
        )
        sizes = _from_corpus(suite, corpus or load_corpus(suite.corpus, suite.languages, suite.seed), wer)
    planned = tuple(plan_language(suite, size, target) for size in sizes)
    clips = sum({size.language: size.clips for size in sizes}.values())
    decodes = clips * len(suite.arms) * len(suite.conditions)
    speed = store.read_speed()
    size = store.bytes_per_decode() or BYTES_PER_DECODE
    seconds = decodes * speed["seconds"] / speed["decodes"] if speed else None
    return Plan(source, target, suite.statistics.margin, planned, decodes, seconds, decodes * size / 1e6)


def _from_decodes(suite: Suite, store: Store) -> list[Size]:
    try:
        sizes = sizes_of(suite, read_results(suite, store))
    except BenchError as error:
        raise BenchError(f"{error}; or state a WER by --wer to plan without decodes") from None
    if not sizes:
        raise BenchError(f"suite {suite.name}: no arm has a control, so there is nothing to detect")
    return sizes


def _from_corpus(suite: Suite, corpus: Corpus, wer: float) -> list[Size]:
    """A size a language, with the SE to expect, in points, of its words, or its characters where CER is primary."""
    if not 0 < wer <= 1000:
        raise BenchError(f"--wer {wer:g}: a rate in per cent, above 0")
    normalize = make_normalizer(suite.scoring.normalizer)
    sizes = []
    for language, utterances in corpus.utterances.items():
        texts = [normalize(utterance.reference, language).split() for utterance in utterances]
        by_characters = language in suite.scoring.cer_primary
        length = sum(len("".join(words)) / CHARACTERS_TOGETHER if by_characters else len(words) for words in texts)
        if not length:
            raise BenchError(f"language {language}: its references hold no word; mend the corpus")
        speakers = len({utterance.speaker for utterance in utterances} - {""})
        standard_error = 100 * expected_standard_error(wer / 100, length)
        sizes.append(Size(language, "any", len(utterances), speakers, standard_error))
    return sizes
