"""Decodes and records in a folder or at a URL. A part that is there is whole: it is written aside, and renamed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd
import pyarrow as pa

from bench.decode_parts import DecodeParts
from bench.derived_tables import DerivedTables
from bench.errors import BenchError
from bench.io.documents import read_json
from bench.io.files import write_text
from bench.io.places import Place, write_whole
from bench.manifest import ArmRecord, Manifest

SPEED = ("decodes", "seconds")
"""What every record of a run's speed holds."""


@dataclass(frozen=True)
class Store(DecodeParts, DerivedTables):
    """`results/<suite>/`: the manifest, the decode parts it lists and the tables derived from them."""

    @property
    def manifest_path(self) -> Place:
        return self.folder / "manifest.json"

    @property
    def lease_folder(self) -> Place:
        """Where runs say which blocks are theirs; not there between runs."""
        return self.folder / "leases"

    def write_speed(self, decodes: int, seconds: float, measured: Mapping[str, Mapping[str, float]]) -> None:
        """Writes how fast the last run was that decoded something, and what else was measured of it, by name.

        Apart from the manifest, which holds no time.
        """
        speed = {"decodes": decodes, "seconds": max(0.1, round(seconds, 1))}
        rounded = {name: {key: round(value, 3) for key, value in of.items()} for name, of in measured.items()}
        text = json.dumps(speed | rounded, indent=1) + "\n"
        write_whole(self.folder / "speed.json", partial(write_text, text))

    def read_speed(self) -> dict[str, float] | None:
        """Its decodes and seconds; None before the first. Raises BenchError for what is no such file."""
        path = self.folder / "speed.json"
        if not path.exists():
            return None
        speed = read_json(path, "delete it")
        if not isinstance(speed, dict) or not all(map(_is_positive, map(speed.get, SPEED))):
            raise BenchError(f"{path} is damaged: it is no record of a run's speed; delete it")
        return {name: speed[name] for name in SPEED}

    def write_manifest(self, manifest: Manifest) -> None:
        manifest.write(self.manifest_path)

    def is_readable(self) -> bool:
        """Whether there is a manifest that this version reads."""
        try:
            self.read_manifest()
        except BenchError:
            return False
        return True

    def read_manifest(self) -> Manifest:
        """What the last run decoded, with which settings. Raises BenchError when nothing has been run."""
        return Manifest.read(self.manifest_path)

    def read_cell(self, arm: ArmRecord, cell: str) -> pd.DataFrame:
        """The rows that a cell ("language/condition") of an arm was recorded with, part by part.

        Raises BenchError naming the first part that is missing, that is not the file whose hash was recorded, or that
        holds decodes of another cell.
        """
        tables = [self.read_recorded(key, arm.hashes[key], cell) for key in arm.parts[cell]]
        decodes: pd.DataFrame = pa.concat_tables(tables).to_pandas()
        return decodes


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < float("inf")
