"""Every arm of a suite under every load; and where one did not fit a GPU, the largest batch that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import groupby, product
from pathlib import Path

from bench.arms import find_arm, require_device
from bench.errors import BenchError
from bench.memory.exchange import CellResult
from bench.memory.resuming import Unfinished
from bench.memory.workers import MemoryCell, measure_cells
from bench.memory_records import OK, Load, MemoryRecord
from bench.suite import Suite


def cells_of(suite: Suite) -> list[MemoryCell]:
    """Every arm's loads: dtype by beams by positions by batch. An arm is measured in the dtype that it is decoded in,
    where the suite names none to measure.
    """
    memory = suite.memory
    loads = list(product(memory.beams, memory.tokens, memory.batch))
    return [
        MemoryCell(arm, dtype, Load(batch, beams, positions))
        for arm in suite.measurable
        for dtype in memory.dtype or (suite.decode_of(arm).dtype,)
        for beams, positions, batch in loads
    ]


def profile_suite(argument: str, suite: Suite, device: str, folder: Path) -> Iterator[MemoryRecord]:
    """Yields a record an arm and load, as they are measured. Raises BenchError for a cell that cannot be measured.

    Of the arms that `list_unmeasured` does not name. What is measured is kept in the `folder` until all of it is, so
    that the same call goes on where it was ended.
    """
    if not suite.models:
        raise BenchError(f"suite {suite.name}: transformers runs none of its arms, and no other has a cache to measure")
    require_device(device)
    _require_positions(suite)
    kept = Unfinished.of(suite, device, folder)
    cells = cells_of(suite)

    def take(cell: MemoryCell, results: Iterator[CellResult]) -> MemoryRecord:
        record = kept.find(cell)
        if record is None:
            record = _record(suite, cell, next(results))
            kept.keep(record)
        return record

    def measure(cell: MemoryCell) -> MemoryRecord:
        return take(cell, measure_cells(argument, [cell], device))

    records = []
    with closing(measure_cells(argument, [cell for cell in cells if kept.find(cell) is None], device)) as measured:
        for cell in cells:
            records.append(take(cell, measured))
            yield records[-1]
    if device == "cuda":
        yield from find_largest(cells, records, measure)


def list_unmeasured(suite: Suite) -> Iterator[str]:
    """A line for every arm that another runner decodes, or whose bytes are its control's."""
    for arm in suite.arms:
        if arm not in suite.models:
            yield f'arm {arm.id} is left out: runner = "{arm.runner}", and bytes are measured of transformers models'
        elif arm not in suite.measurable:
            yield f"arm {arm.id} is left out: its weights and its cache are those of {arm.control}"


def _require_positions(suite: Suite) -> None:
    """Said before anything is measured: models that are missing, and positions that an arm does not have."""
    for arm in suite.measurable:
        source = find_arm(arm, suite.files_of(arm))
        most = source.max_positions()
        if (longest := max(suite.memory.tokens)) > most:
            raise BenchError(f"memory.tokens = {longest}: arm {arm.id} has {most} positions at most")


def find_largest(
    cells: Sequence[MemoryCell], records: Sequence[MemoryRecord], measure: Callable[[MemoryCell], MemoryRecord]
) -> Iterator[MemoryRecord]:
    """Bisects for every arm, dtype, beams and positions of which a batch did not fit; yields a record a batch tried.

    `records`: of the `cells`, in their order.
    """
    pairs = zip(cells, records, strict=True)
    for _, group in groupby(pairs, key=lambda pair: (pair[0].arm.id, pair[0].dtype, replace(pair[0].load, batch=0))):
        tried = list(group)
        first = tried[0][0]
        low = max((cell.load.batch for cell, record in tried if record.outcome == OK), default=0)
        high = min((cell.load.batch for cell, record in tried if record.outcome != OK), default=0)
        while high - low > 1:
            middle = (low + high) // 2
            record = measure(replace(first, load=replace(first.load, batch=middle)))
            yield record
            low, high = (middle, high) if record.outcome == OK else (low, middle)


def sort_records(suite: Suite, records: Sequence[MemoryRecord]) -> list[MemoryRecord]:
    """Arms as the suite names them, loads from small to large."""
    places: dict[str, int] = {arm.id: place for place, arm in enumerate(suite.arms)}

    def order(record: MemoryRecord) -> tuple[int, str, int, int, int]:
        load = record.load
        return (places[record.arm], record.dtype, load.beams, load.positions, load.batch)

    return sorted(records, key=order)


def _record(suite: Suite, cell: MemoryCell, result: CellResult) -> MemoryRecord:
    control = suite.control_of(cell.arm)
    return MemoryRecord(
        arm=cell.arm.id,
        control=control.id if control else None,
        dtype=cell.dtype,
        load=cell.load,
        kv=cell.arm.kv,
        outcome=result.outcome,
        measured=result.measured,
        environment=result.environment,
    )
