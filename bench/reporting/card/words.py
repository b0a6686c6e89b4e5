"""What people say of a card that no record knows: its title, the model it was made from, the licence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.analysis.suite_records import SuiteRecords
from bench.reporting.card.dataset import HUB_ID, dataset_of
from bench.reporting.card.origin import Origin, is_on_hub, origin_of
from bench.suite import ArmSpec, without_place

LICENCES = {"openai/whisper-": "apache-2.0", "distil-whisper/": "mit"}
"""As the hub has them, by the beginning of a repository's name."""

NO_RESULTS = (
    "no .eval_results: the hub reads them for the tasks of its registered benchmarks alone; of {dataset} none is known "
    "(of hf-audio/open-asr-leaderboard mean_wer, over all its sets, which no suite measures); the model-index has the "
    "figures"
)


@dataclass(frozen=True)
class CardWords:
    """None: not said. `base_model`: a hub id. `licence`: as the hub writes it. `repo`: what loads the model."""

    title: str | None = None
    base_model: str | None = None
    licence: str | None = None
    repo: str | None = None

    def over(self, other: CardWords) -> CardWords:
        """These, and the other's where these say nothing."""
        return CardWords(
            self.title or other.title,
            self.base_model or other.base_model,
            self.licence or other.licence,
            self.repo or other.repo,
        )

    @property
    def complete(self) -> CardWords:
        """With the licence that is known of the model it was made from."""
        found = (name for start, name in LICENCES.items() if self.base_model and self.base_model.startswith(start))
        return self.over(CardWords(licence=next(found, None)))


def words_of(records: SuiteRecords, arm: ArmSpec, said: CardWords) -> CardWords:
    """What was said, and what follows from the records where nothing was."""
    on_hub, origin = is_on_hub(arm), origin_of(records, arm)
    derived = CardWords(
        title=str(arm.id) if records.suite.is_noise_floor(arm) else _title_of(arm, origin),
        base_model=hub_id(origin.base) if origin else None,
        repo=arm.model if on_hub else None,
    )
    return said.over(derived).complete


def _title_of(arm: ArmSpec, origin: Origin | None) -> str:
    """The folder's name or the repository's; of a conversion by word, its original's and that word."""
    if origin is not None and origin.base and arm.origin is not None:
        return f"{_last(origin.base)}-{origin.word}"
    is_named = is_on_hub(arm) or without_place(arm.model) != arm.model
    return _last(without_place(arm.model)) if is_named and arm.kv is None else str(arm.id)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def missing_lines(records: SuiteRecords, arm: ArmSpec, words: CardWords) -> Iterator[str]:
    """What a card lacks that the hub has a place for, and the way to it."""
    if words.base_model is None and origin_of(records, arm) is not None:
        yield "caution: the card does not say on which model of the hub this one is based; --base-model OWNER/NAME does"
    if words.licence is None:
        yield "caution: the card names no licence; --license ID does"
    if (dataset := dataset_of(records)).on_hub:
        yield NO_RESULTS.format(dataset=dataset.name)


def hub_id(name: str | None) -> str | None:
    """The name, where it is one that the hub could have."""
    return name if name is not None and HUB_ID.fullmatch(name) else None


def read_words(path: Path) -> CardWords:
    """What an existing card says; nothing where there is none that can be read."""
    import yaml

    try:
        front = yaml.safe_load(path.read_text(encoding="utf-8").partition("\n---\n")[0].removeprefix("---\n"))
    except (OSError, ValueError, yaml.YAMLError):
        return CardWords()
    if not isinstance(front, Mapping):
        return CardWords()
    return CardWords(_title(front), _text(front, "base_model"), _text(front, "license"))


def _title(front: Mapping[str, Any]) -> str | None:
    models = front.get("model-index")
    first = models[0] if isinstance(models, list) and models else None
    return _text(first, "name") if isinstance(first, Mapping) else None


def _text(front: Mapping[str, Any], key: str) -> str | None:
    value = front.get(key)
    return value if isinstance(value, str) else None
