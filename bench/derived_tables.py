"""Tables that are computed from decodes: where they lie, written whole, and held against the hashes they had then."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.errors import BenchError
from bench.io.arrow_files import arrow_file
from bench.io.documents import read_json
from bench.io.files import write_text
from bench.io.places import Place, write_whole

SUMS = "tables.json"
AGAIN = "run `bench compare` on this suite"


@dataclass(frozen=True)
class DerivedTables:
    """Those in a folder, or at a URL."""

    folder: Place

    @property
    def counts_path(self) -> Place:
        return self.folder / "counts.parquet"

    def table_path(self, name: str) -> Place:
        """The file of a derived table: comparisons, summaries, slices or seeds."""
        return self.folder / f"{name}.parquet"

    def write_table(self, path: Place, table: pd.DataFrame) -> None:
        write_whole(path, lambda target: table.to_parquet(target, index=False))

    def write_arrow(self, path: Place, table: pa.Table) -> None:
        """Writes a table with its metadata."""
        write_whole(path, lambda target: pq.write_table(table, target))

    def write_sums(self, tables: Iterable[Place]) -> None:
        """Writes the hashes of derived tables, once all of them are written."""
        text = json.dumps({path.name: hash_of(path.read_bytes()) for path in tables}, indent=2) + "\n"
        write_whole(self.folder / SUMS, partial(write_text, text))

    def require_sums(self) -> None:
        """Raises BenchError for a derived table that is not the one that was written: changed by a disk, or by hand.

        Results of a time before there were hashes are taken as they are.
        """
        path = self.folder / SUMS
        sums = read_json(path, AGAIN) if path.exists() else {}
        if not isinstance(sums, dict):
            raise BenchError(f"{path} is damaged: it holds no hashes; {AGAIN}")
        for name, expected in sums.items():
            table = self.folder / str(name).rpartition("/")[2]
            if not table.is_file() or hash_of(table.read_bytes()) != expected:
                raise BenchError(f"{table}: not what was computed; {AGAIN}")

    def read_arrow(self, path: Place) -> pa.Table:
        """A table with its metadata. Raises BenchError where it is missing or damaged."""
        if not path.exists():
            raise BenchError(f"{path}: not there yet; run `bench compare` on this suite")
        try:
            with arrow_file(path) as file:
                return pq.read_table(file)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise BenchError(f"{path} is damaged ({error}); run `bench compare` on this suite") from None

    def read_table(
        self, path: Place, columns: list[str] | None = None, where: list[tuple[str, str, str]] | None = None
    ) -> pd.DataFrame:
        """A derived table, or some of its columns and rows (`where`: column, ==, value).

        Raises BenchError where it is missing or damaged.
        """
        if not path.exists():
            raise BenchError(f"{path}: not there yet; run `bench compare` on this suite")
        try:
            with arrow_file(path) as file:  # a folder would be read as parts, of which it has none
                return pd.read_parquet(file, columns=columns, filters=where)
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise BenchError(f"{path} is damaged ({error}); run `bench compare` on this suite") from None


def hash_of(content: bytes) -> str:
    """As parts and tables are pinned."""
    return blake2b(content, digest_size=12).hexdigest()
