"""What a run was told beside its suite: fewer clips, another device, dtype or batch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bench.errors import BenchError
from bench.io.documents import read_json
from bench.io.places import Place

KEYS = {"limit": ("corpus", "utterances"), "device": ("decode", "device")}
KEYS |= {"dtype": ("decode", "dtype"), "batch": ("decode", "batch")}
"""By option: the section and the key of a suite that it stands for."""


@dataclass(frozen=True)
class Overrides:
    """`limit`: clips a language. None: as the suite says."""

    limit: int | None = None
    device: str | None = None
    dtype: str | None = None
    batch: int | None = None

    @property
    def given(self) -> dict[str, Any]:
        return {option: value for option, value in asdict(self).items() if value is not None}

    @property
    def words(self) -> str:
        """As they are typed: --limit 20 --device cuda."""
        return " ".join(f"--{option} {value}" for option, value in self.given.items())

    def put_into(self, table: dict[str, Any]) -> None:
        """Sets them in a suite's table, as if its file said so; what is no section is left to validation."""
        for option, value in self.given.items():
            section, key = KEYS[option]
            if isinstance(table.setdefault(section, {}), dict):
                table[section][key] = value


def read_overrides(path: Place) -> Overrides:
    """Those that the last run was given; none without the file. Raises BenchError where it is damaged."""
    if not path.exists():
        return Overrides()
    written = read_json(path, "delete it, and run `bench run` again")
    if not isinstance(written, dict) or set(written) - set(KEYS):
        raise BenchError(f"{path} is damaged: it holds no options of a run; delete it, and run `bench run` again")
    return Overrides(**written)
