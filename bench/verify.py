"""Everything printed, recomputed from the decodes and held against what is stored and rendered."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bench.compare import Tables, join_suites, joint_name, read_movements, recompute
from bench.errors import BenchError
from bench.memory import read_memory
from bench.published import PublishedClaim, find_claims, read_costs
from bench.reporting import REPRODUCTION, write_curve, write_frontier, write_memory, write_reports, write_reproduction
from bench.reporting.card import EVAL_RESULTS, card_name, write_card
from bench.reporting.explorer import NAME as EXPLORER
from bench.reporting.explorer import write_explorer
from bench.reporting.records import SuiteRecords
from bench.store import Store
from bench.suite import Suite

KEYS = ["arm", "seed", "language", "condition", "metric", "utterance_id", "statistic", "slice", "value", "floors"]
"""Columns that say which row of a table is meant."""


def verify(suite: Suite, store: Store, reports: Path) -> Iterator[str]:
    """A line for every file that differs: the first difference in it, and where.

    Decodes against the hashes in the manifest; counts and tables against what the decodes give, exactly; every report
    that has been rendered against the same rendered anew, byte for byte. Bytes of memory are as they were measured.
    """
    memory = read_memory(suite, store)
    if memory is not None and not store.manifest_path.exists():
        with TemporaryDirectory() as scratch:
            write_memory(suite, memory, Path(scratch))
            yield from _changed_reports(Path(scratch), reports)
        return
    yield from _changed_parts(store)
    try:
        counts, tables = recompute(suite, store)
    except BenchError as error:
        yield f"cannot be recomputed: {error}"
        return
    with TemporaryDirectory() as scratch:
        fresh = Store(Path(scratch))
        for name, table in {"counts": counts, **tables.named()}.items():
            yield from _changed_table(store, fresh, name, table)
        found = SuiteRecords(suite, _as_stored(tables, fresh), store.read_manifest(), memory)
        try:
            _render(found, store.folder.parent, reports, Path(scratch) / "reports")
            _render_explorer(found, store, fresh, reports, Path(scratch) / "reports")
        except BenchError as error:
            yield f"cannot be rendered anew: {error}"
        yield from _changed_reports(Path(scratch) / "reports", reports)


def _render(found: SuiteRecords, results: Path, reports: Path, folder: Path) -> None:
    """What `bench table` renders, and whatever else stands among the reports, anew into another folder."""
    suite, tables = found.suite, found.tables
    write_reports(suite, tables, found.memory, folder)
    if (reports / REPRODUCTION).is_file():
        write_reproduction(suite, tables, read_costs(results), folder)
    if any((reports / name).is_file() for name in ("curve.csv", "frontier.svg")):
        write_curve(suite, tables, found.parameters, find_claims(results), folder)
        write_frontier(suite, tables, found.memory, folder)
    for arm in suite.arms:
        if arm.control is not None and (reports / card_name(suite, arm)).is_file():
            list(write_card(found, arm, folder))


def _render_explorer(found: SuiteRecords, store: Store, fresh: Store, reports: Path, folder: Path) -> None:
    """The page, if there is one, with the audio that it was made with."""
    if (reports / EXPLORER).is_file():
        heard = store.read_table(store.listening_path) if store.listening_path.is_file() else None
        movements = list(read_movements(found.suite, fresh))
        write_explorer(found, movements, heard, find_claims(store.folder.parent), folder)


def verify_joint(
    suites: Sequence[tuple[Suite, Store]], claims: Sequence[PublishedClaim], reports: Path
) -> Iterator[str]:
    """The same of what `bench curve` has drawn of several suites together, if it has; each is verified by itself.

    `reports`: the folder of all reports. Raises BenchError where the suites make no curve any more.
    """
    folder = reports / joint_name([suite for suite, _ in suites])
    if len(suites) < 2 or not folder.is_dir():
        return
    joined = join_suites(suites)
    with TemporaryDirectory() as scratch:
        write_curve(joined.suite, joined.tables, joined.parameters, claims, Path(scratch))
        yield from _changed_reports(Path(scratch), folder)


def _changed_parts(store: Store) -> Iterator[str]:
    for arm_id, arm in store.read_manifest()["arms"].items():
        for key, expected in arm["hashes"].items():
            if not store.has_part(key):
                yield f"{store.part_path(key)}: missing (arm {arm_id}); run `bench run` on this suite"
            elif store.hash_part(key) != expected:
                yield f"{store.part_path(key)}: not what was decoded (arm {arm_id}); delete it and run `bench run`"


def _changed_table(store: Store, fresh: Store, name: str, table: pd.DataFrame) -> Iterator[str]:
    """Both sides as Parquet gives them back, so that a missing value is the same on either."""
    fresh.write_table(fresh.table_path(name), table)
    expected, path = fresh.read_table(fresh.table_path(name)), store.table_path(name)
    try:
        stored = store.read_table(path)
    except BenchError as error:
        yield str(error)
        return
    if list(stored.columns) != list(expected.columns) or len(stored) != len(expected):
        shapes = [f"{table.shape[0]} rows and {table.shape[1]} columns" for table in (stored, expected)]
        yield f"{path}: {shapes[0]}, recomputed {shapes[1]}; run `bench compare`"
        return
    for column in expected:
        differing = (stored[column] != expected[column]) & ~(stored[column].isna() & expected[column].isna())
        if differing.any():
            row = int(differing.to_numpy().argmax())
            where = ", ".join(f"{key} {expected[key][row]}" for key in KEYS if key in expected and key != column)
            yield (
                f"{path}: {column} of row {row} ({where}) is {stored[column][row]!r}, recomputed "
                f"{expected[column][row]!r}; run `bench compare`"
            )
            return


def _as_stored(tables: Tables, fresh: Store) -> Tables:
    return Tables(**{name: fresh.read_table(fresh.table_path(name)) for name in tables.named()})


def _changed_reports(rendered: Path, reports: Path) -> Iterator[str]:
    if not reports.is_dir():
        return
    for new in sorted(path for path in rendered.rglob("*") if path.is_file()):
        path = reports / new.relative_to(rendered)
        if not path.exists():
            yield f"{path}: missing beside the other reports; run `bench {_verb(new)}`"
            continue
        stored, expected = path.read_bytes(), new.read_bytes()
        if stored != expected:
            yield f"{path}: {_first_difference(stored, expected)}; run `bench {_verb(new)}`"


def _verb(path: Path) -> str:
    """Of the command that renders a file."""
    if path.parent.name == EVAL_RESULTS:
        return "card"
    verbs = {"card": "card", "curve": "curve", "frontier": "curve", "index": "report"}
    return verbs.get(path.name.partition(".")[0].partition("-")[0], "table")


def _first_difference(stored: bytes, expected: bytes) -> str:
    """The first line that differs, for a text."""
    try:
        pairs = [content.decode().splitlines() for content in (stored, expected)]
    except UnicodeDecodeError:
        return "not the picture that its records give"
    for number, (old, new) in enumerate(zip(*pairs, strict=False), start=1):
        if old != new:
            at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
            start = max(0, at - 20)
            return f"line {number} reads …{old[start : at + 20]!r}, rendered anew …{new[start : at + 20]!r}"
    if len(pairs[0]) == len(pairs[1]):
        return "other line endings than those it is rendered with"
    return f"{len(pairs[0])} lines, rendered anew {len(pairs[1])}"
