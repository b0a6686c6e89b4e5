"""Figures that others have published: data with a schema and a source each, never mixed with what was measured here."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from statistics import median
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bench.errors import BenchError
from bench.io.places import Place
from bench.scoring import Metric

PARAMETERS = {"tiny": 37_760_640, "base": 72_593_920, "small": 241_734_912}
"""Of the Whispers that the published models were made from."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Annotated[str, Field(pattern=r"^https://")]


class PublishedCost(_Record):
    """A row of a model card: the converted model's rates and what conversion cost, in percentage points of `metric`.

    `control_model`: the repository of what it was held against.
    """

    model: str
    control: str
    control_model: str
    language: str
    wer: float
    cer: float
    metric: Metric
    cost: float
    mark: Literal["significant", "ns"]
    floor: bool
    clips: int
    corpus: str


class PublishedClaim(_Record):
    """A single figure in the words it was published in; `languages` is how many it is over, if that was said."""

    family: str
    size: str
    languages: int | None
    statistic: str
    value: float
    unit: str
    wording: str

    @property
    def parameters(self) -> int | None:
        """Parameters of the stock Whisper of its size."""
        return PARAMETERS.get(self.size)

    @field_validator("languages", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value


@dataclass(frozen=True)
class Medians:
    """Medians of a card's costs over rows that are named: one of WER rows is another number than one of all rows."""

    wer: float
    wer_without_floor: float
    everything: float


def medians_of(costs: Sequence[PublishedCost]) -> Medians:
    """Over the WER rows, over those of them that are no floor rows, and over the rows of both metrics."""
    by_words = [cost for cost in costs if cost.metric == "wer"]
    usable = [cost for cost in by_words if not cost.floor]
    return Medians(*(median(cost.cost for cost in rows) for rows in (by_words, usable, costs)))


RecordType = TypeVar("RecordType", bound=_Record)


def read_costs(results: Place) -> list[PublishedCost]:
    """Reads results/published/costs.csv. Raises BenchError naming file, row and key."""
    return _read(results / "published" / "costs.csv", PublishedCost)


def read_claims(results: Place) -> list[PublishedClaim]:
    """Reads results/published/claims.csv. Raises BenchError naming file, row and key."""
    return _read(results / "published" / "claims.csv", PublishedClaim)


def find_claims(results: Place) -> list[PublishedClaim]:
    """Reads the claims; none where nobody keeps published figures beside the results."""
    return read_claims(results) if (results / "published" / "claims.csv").is_file() else []


def _read(path: Place, record: type[RecordType]) -> list[RecordType]:
    if not path.is_file():
        raise BenchError(f"{path}: no such file; run from the project's folder, or name its results with --results")
    records = []
    with StringIO(path.read_bytes().decode("utf-8"), newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                records.append(record.model_validate(row))
            except ValidationError as error:
                first = error.errors()[0]
                key = ".".join(map(str, first["loc"]))
                raise BenchError(f"{path}: line {line}: {key}: {first['msg']}; mend the row") from None
    return records
