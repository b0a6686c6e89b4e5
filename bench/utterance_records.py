"""What a corpus says of the clips that were decoded: kept beside the decodes, and in none of their names.

A reference that is corrected, or a column that is added, costs no decoding: it is joined when arms are compared.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from hashlib import blake2b

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.errors import BenchError
from bench.io.arrow_files import arrow_file
from bench.io.places import Place, write_whole

NAME = "utterances.parquet"
TEXTS = ("utterance_id", "language", "reference", "speaker_id", "gender", "age", "accent", "sentence_id")
UTTERANCE_SCHEMA = pa.schema([pa.field(name, pa.string(), nullable=False) for name in TEXTS])
"""One row an utterance of a language; all but the first three are empty where the corpus names none."""


def write_utterances(folder: Place, rows: Iterable[Mapping[str, str]]) -> str:
    """Writes them into a suite's results; returns the hash of the file, for the manifest."""
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=UTTERANCE_SCHEMA)
    path = folder / NAME
    write_whole(path, partial(pq.write_table, table))
    return _hash(path)


def require_recorded(folder: Place, recorded: str) -> None:
    """Raises BenchError where the file is missing, or is not the one whose hash the manifest records."""
    path = folder / NAME
    if not path.is_file():
        raise BenchError(f"{path}: not there; run `bench run` on this suite")
    if _hash(path) != recorded:
        raise BenchError(f"{path}: not what was recorded with the decodes; run `bench run` on this suite")


def read_utterances(folder: Place, recorded: str) -> pd.DataFrame:
    """Reads them. Raises BenchError where the file is missing, or is not the one whose hash the manifest records."""
    require_recorded(folder, recorded)
    utterances: pd.DataFrame = pq.read_table(arrow_file(folder / NAME), schema=UTTERANCE_SCHEMA).to_pandas()
    return utterances


def _hash(path: Place) -> str:
    return blake2b(path.read_bytes(), digest_size=12).hexdigest()
