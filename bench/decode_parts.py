"""Decodes on disk: one Parquet file a block of a cell, under a key of what determines what is in it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import SEEK_END
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.derived_tables import hash_of
from bench.errors import BenchError
from bench.io.arrow_files import arrow_buffer
from bench.io.files import reason_of
from bench.io.places import Place, write_whole

DECODE_SCHEMA = pa.schema(
    [
        pa.field("clip_key", pa.string(), nullable=False),
        pa.field("language", pa.string(), nullable=False),
        pa.field("condition", pa.string(), nullable=False),
        pa.field("utterance_id", pa.string(), nullable=False),
        pa.field("hypothesis", pa.string(), nullable=False),
        pa.field("tokens", pa.int32()),
        pa.field("finish", pa.string()),
        pa.field("nll", pa.float64()),
        pa.field("nll_tokens", pa.int32()),
        pa.field("audio_seconds", pa.float64(), nullable=False),
        pa.field("audio_status", pa.string(), nullable=False),
        pa.field("audio_hash", pa.string(), nullable=False),
        pa.field("snr_db", pa.float64()),
        pa.field("gain_db", pa.float64()),
        pa.field("speech_db", pa.float64()),
        pa.field("background_db", pa.float64()),
        pa.field("detail", pa.string(), nullable=False),
    ]
)
"""One row an utterance in a cell: what decoding determined. Which arms it is of, the manifest says; what is said in the
clip and by whom, `bench.utterance_records`. `clip_key` hashes what the row depends on beside the part's stem; `tokens`
counts text tokens, null where a recogniser of another make does not say; `finish` is eos or budget, null there too and
where nothing was decoded; `nll` is the reference's negative log-likelihood in nats over `nll_tokens` tokens,
teacher-forced, null where it was not asked for or cannot be known; `audio_status` is ok, truncated or unreadable;
`audio_hash` is of the int16 audio that was decoded. `snr_db` is what was achieved, of speech to noise or to the other
speaker, null where nothing was added; `gain_db` scales the whole, null where nothing was decoded; `speech_db` and
`background_db` are the active level of the speech it was made from and that of the clip's own background (dBov), null
where none was measured. `detail` says why a clip was unreadable, else what was added to it, as JSON."""
CLIP_KEYS = pa.schema([DECODE_SCHEMA.field("clip_key")])
STEM_END = "-"
"""In a part's key, after the hash of what its clips have in common; a hash of the clips follows."""


@dataclass(frozen=True)
class DecodeParts:
    """Those in the folder `decodes` of a folder, or at a URL."""

    folder: Place

    def part_path(self, key: str) -> Place:
        return self.folder / "decodes" / f"{key}.parquet"

    def part_keys(self) -> set[str]:
        """Of every part that is there, by one listing."""
        return {path.stem for path in (self.folder / "decodes").glob("*.parquet")}

    def has_part(self, key: str) -> bool:
        return self.part_path(key).exists()

    def write_part(self, key: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Writes the decodes of one block of a cell."""
        table = pa.Table.from_pylist([dict(row) for row in rows], schema=DECODE_SCHEMA)
        write_whole(self.part_path(key), lambda path: pq.write_table(table, path))

    def hash_part(self, key: str) -> str:
        """The hash of the part's bytes."""
        return hash_of(self._content(key))

    def bytes_per_decode(self) -> float | None:
        """The bytes that a stored decode takes on disk; None without any. Raises BenchError for a damaged part."""
        parts: list[Place] = [*(self.folder / "decodes").glob("*.parquet")]
        sizes = [_size(part) for part in parts]
        rows = sum(of_part for of_part, _ in sizes)
        return sum(held for _, held in sizes) / rows if rows else None

    def read_decodes(self, keys: Iterable[str]) -> pd.DataFrame:
        """The rows of the parts, in the order given. Raises BenchError naming the first part that is missing."""
        decodes: pd.DataFrame = pa.concat_tables([self._read_part(key, DECODE_SCHEMA) for key in keys]).to_pandas()
        return decodes

    def read_recorded(self, key: str, recorded: str, cell: str) -> pa.Table:
        """The rows of a part that a cell was recorded with.

        Raises BenchError where it is missing, is not the file whose hash was recorded, or holds decodes of another
        cell.
        """
        # The hash is taken first: bytes that nobody recorded are not parsed.
        content, path = self._content(key), self.part_path(key)
        if hash_of(content) != recorded:
            raise BenchError(f"{path}: not what was decoded; delete it and run `bench run`")
        table = self._parsed(key, content, DECODE_SCHEMA)
        held = {f"{row['language']}/{row['condition']}" for row in table.select(["language", "condition"]).to_pylist()}
        if held - {cell}:
            raise BenchError(f"{path}: holds decodes of {', '.join(sorted(held - {cell}))}, not of {cell}; delete it")
        return table

    def read_clip_keys(self, key: str) -> list[str]:
        """The clip keys of a part, in its order."""
        keys: list[str] = self._read_part(key, CLIP_KEYS)["clip_key"].to_pylist()
        return keys

    def read_rows(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The rows of the parts by clip key."""
        return {row["clip_key"]: row for key in keys for row in self._read_part(key, DECODE_SCHEMA).to_pylist()}

    def _read_part(self, key: str, schema: pa.Schema) -> pa.Table:
        return self._parsed(key, self._content(key), schema)

    def _content(self, key: str) -> bytes:
        try:
            return self.part_path(key).read_bytes()
        except FileNotFoundError:
            raise BenchError(f"{self.part_path(key)}: not decoded yet; run `bench run` on this suite") from None
        except OSError as error:
            raise BenchError(
                f"{self.part_path(key)}: cannot be read: {reason_of(error)}; delete it and run `bench run` again"
            ) from None

    def _parsed(self, key: str, content: bytes, schema: pa.Schema) -> pa.Table:
        try:
            return pq.read_table(arrow_buffer(content), schema=schema)
        except (OSError, pa.ArrowException) as error:
            raise BenchError(
                f"{self.part_path(key)} is damaged ({error}); delete it and run `bench run` again"
            ) from None


def _size(part: Place) -> tuple[int, int]:
    """Rows and bytes. Raises BenchError for a damaged part."""
    try:
        with part.open("rb") as file:
            return pq.read_metadata(file).num_rows, file.seek(0, SEEK_END)
    except (OSError, pa.ArrowException) as error:
        raise BenchError(f"{part} is damaged ({error}); delete it and run `bench run` again") from None


def parts_by_stem(keys: Iterable[str]) -> dict[str, list[str]]:
    """The keys of parts by their stem: what their clips have in common."""
    parts: dict[str, list[str]] = {}
    for key in sorted(key for key in keys if STEM_END in key):
        parts.setdefault(key.split(STEM_END)[0], []).append(key)
    return parts


def part_key(content: Mapping[str, Any]) -> str:
    """A hash of everything that determines what is in a part, or of some of it."""
    return hash_of(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())
