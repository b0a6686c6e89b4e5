"""What is said of measured bytes. Records of a GPU are made up here: their lines must add up wherever they are from."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.memory.breakdown import lines_of
from bench.analysis.memory.capacity import GIB, capacities_of
from bench.analysis.memory.contradictions import contradictions_of
from bench.analysis.memory.headlines import Transcripts, clip_bytes, common_load, headlines_of
from bench.analysis.memory.peaks import peak_cuts
from bench.analysis.memory.records import MemoryRecords
from bench.analysis.memory.spread import main as record_spread
from bench.analysis.memory.spread import spread_of
from bench.errors import BenchError
from bench.memory.profile import find_largest, sort_records
from bench.memory.workers import MemoryCell
from bench.memory_records import Load, MemoryRecord, Phases, write_records
from bench.reporting.tables.memory import render_memory, write_memory
from bench.suite import ArmSpec, Suite, load_suite
from tests.conftest import write_clips, write_suite
from tests.memory_cells import (
    CROSS,
    MIB,
    OWN,
    STATES,
    WEIGHTS,
    failed_record,
    measured_of,
    record,
    with_bytes,
    without_gpu,
)


@pytest.fixture
def suite(tmp_path: Path, model_folders: dict[str, Path]) -> Suite:
    return load_suite(str(write_suite(tmp_path / "a.toml", model_folders, write_clips(tmp_path / "clips"))))


@pytest.fixture
def records() -> list[MemoryRecord]:
    """The control with one clip and with 16, and the converted arm with both."""
    arms = (("control", 0.0), ("converted", 0.625))
    return [record(arm, batch, cut=cut) for arm, cut in arms for batch in (1, 16)]


def render(suite: Suite, records: list[MemoryRecord], transcripts: Transcripts | None = None) -> str:
    return render_memory(suite, MemoryRecords(tuple(records), transcripts))


@given(batch=st.integers(1, 64), positions=st.integers(5, 447), cut=st.floats(0, 0.99))
def test_lines_add_up_to_what_the_driver_says(batch: int, positions: int, cut: float) -> None:
    measured = measured_of(record("converted", batch, positions, cut))
    lines = lines_of(measured)
    assert lines.transient is not None
    assert lines.slack is not None
    assert lines.context is not None
    parts = [lines.weights, lines.own, lines.cross, lines.states, lines.transient]
    assert lines.peak == sum(parts) == max(held.peak or 0 for held in measured.phases.by_name().values())
    assert sum(parts) + lines.slack == measured.reserved
    assert lines.process == measured.reserved + lines.context
    assert sum(lines.at_peak.values()) == lines.peak
    assert lines.transients == {"encode": 10 * batch * MIB, "prefill": batch * MIB, "decode": batch * MIB}
    assert lines.transient >= 0


def test_a_peak_while_encoding_is_made_of_no_cache() -> None:
    """An exact form's caches are so small that its encoder sets the peak."""
    measured = measured_of(record("exact", 16))
    phases = {phase: replace(held, cross=0) for phase, held in measured.phases.by_name().items()}
    phases["encode"] = replace(phases["encode"], peak=WEIGHTS + 16 * 40 * MIB)
    lines = lines_of(replace(measured, cross=0, phases=Phases(**phases)))
    assert lines.peak_phase == "encode"
    assert lines.at_peak["self cache"] == 0
    assert lines.at_peak["transients"] == 16 * 39 * MIB


def test_nothing_is_invented_without_a_gpu(records: list[MemoryRecord], suite: Suite) -> None:
    on_cpu = without_gpu(records)
    lines = lines_of(measured_of(on_cpu[0]))
    assert (lines.peak, lines.slack, lines.context) == (None, None, None)
    assert set(lines.transients.values()) == {None}
    assert peak_cuts(on_cpu) == []
    text = render(suite, on_cpu)
    assert "no GPU: peaks, slack, the process's bytes and the time a token are absent, not estimated." in text
    assert "slack |" not in text
    assert "ms a token" not in text
    assert "Closed form: weights, caches and encoder states alone" in text


def test_headlines_are_of_the_corpus_transcripts(records: list[MemoryRecord], suite: Suite) -> None:
    control, converted = headlines_of(records, clip_bytes(records), Transcripts(12, 40))
    named = converted.quantities
    assert named["self cache a position"].value == pytest.approx(0.375 * OWN)
    assert named["self cache a position"].change == pytest.approx(-62.5)
    at_median = named["decode cache at 12 positions (median transcript)"]
    assert at_median.value == pytest.approx(12 * 0.375 * OWN + CROSS)
    assert at_median.change == pytest.approx(-100 * 0.625 * 12 * OWN / (12 * OWN + CROSS))
    assert named["process"].change == pytest.approx(
        -100 * 16 * 400 * 0.625 * OWN / ((measured_of(records[1]).reserved or 0) + 500 * MIB)
    )
    assert all(quantity.change is None for quantity in control.quantities.values())
    text = render(suite, records, Transcripts(12, 40))
    assert "decode cache at 40 positions (99th percentile)" in text
    assert render(suite, records).count("No transcript of this suite is decoded yet") == 1


def test_one_paragraph_says_why_the_peak_shrinks_by_less(records: list[MemoryRecord], suite: Suite) -> None:
    cut = peak_cuts(records)[-1]
    assert cut.load == Load(16, 1, 400)
    assert sum(cut.shares.values()) == pytest.approx(100)
    assert cut.own == pytest.approx(-62.5)
    assert cut.peak is not None
    assert cut.process is not None
    assert cut.own < cut.peak < cut.process < 0
    assert cut.control_lines.peak_phase == "decode"
    assert cut.saved == pytest.approx(16 * 400 * 0.625 * OWN)
    assert "The cut of the cache and the peak: converted against control, 16 clips x 1 beams" in render(suite, records)


@pytest.mark.parametrize(("factor", "word"), [(1 / 0.375, "MORE"), (0.5, "LESS")])
def test_a_contradiction_stands_on_top_in_capitals(
    factor: float, word: str, records: list[MemoryRecord], suite: Suite
) -> None:
    assert "HOLDS" not in render(suite, records)
    broken = [with_bytes(one, own=int(measured_of(one).own * factor)) for one in records[2:]]
    text = render(suite, [*records[:2], *broken])
    assert text.startswith("**CONVERTED HOLDS ")
    assert f"BYTES {word} THAN ITS CONFIG CLAIMS** of self-attention cache" in text.splitlines()[0]


def test_caches_that_contradict_in_both_directions_are_both_named(records: list[MemoryRecord]) -> None:
    """And of every load: one that holds its most from the start agrees only there."""
    first, last = measured_of(records[0]), measured_of(records[3])
    records[3] = with_bytes(records[3], own=last.own + MIB, cross=last.cross - MIB)
    records[0] = with_bytes(records[0], own=2 * first.own)
    excess = {(one.arm, one.cache): one.held - one.claimed for one in contradictions_of(records)}
    assert excess == {
        ("control", "self-attention"): 400 * OWN,
        ("converted", "self-attention"): MIB,
        ("converted", "cross-attention"): -MIB,
    }


def test_an_arm_that_claims_nothing_contradicts_nothing(records: list[MemoryRecord], suite: Suite) -> None:
    silent = [with_bytes(one, own_claimed=None, cross_claimed=None, own=1) for one in records[2:]]
    assert "HOLDS" not in render(suite, [*records[:2], *silent])


def test_the_largest_batch_is_computed_from_how_bytes_grow(records: list[MemoryRecord]) -> None:
    """Everything that a process takes at that batch fits, and at one more does not."""
    control, converted = capacities_of(records, clip_bytes(records))
    assert control.measured
    for limit in (4, 80):
        largest = control.largest_batch(limit)
        fits, fails = (lines_of(measured_of(record("control", batch))).process for batch in (largest, largest + 1))
        assert (fits or 0) <= limit * GIB < (fails or 0)
    assert converted.largest_batch(24) > control.largest_batch(24)
    closed, _ = capacities_of(without_gpu(records), clip_bytes(without_gpu(records)))
    assert not closed.measured
    assert closed.largest_batch(4) == (4 * GIB - WEIGHTS) // (400 * OWN + CROSS + STATES)
    assert closed.largest_batch(0.01) == 0


@given(room=st.integers(0, 5000), batches=st.lists(st.integers(1, 4096), min_size=1, max_size=4, unique=True))
def test_bisection_finds_the_largest_batch_that_fits(room: int, batches: list[int]) -> None:
    def measure(cell: MemoryCell) -> MemoryRecord:
        batch = cell.load.batch
        tried.append(batch)
        return record("control", batch) if batch <= room else failed_record("control", batch)

    tried: list[int] = []
    cells = [MemoryCell(ArmSpec(name="control", model="m"), "float16", Load(batch, 1, 400)) for batch in batches]
    bisected = list(find_largest(cells, [measure(cell) for cell in cells], measure))
    if max(batches) <= room:
        assert not bisected
        return
    assert max([batch for batch in tried if batch <= room], default=0) == min(room, max(batches))
    assert len(bisected) <= 12


def test_a_batch_found_by_trying_stands_in_the_report(
    records: list[MemoryRecord], suite: Suite, tmp_path: Path
) -> None:
    more = [record("converted", 17, cut=0.625), failed_record("converted", 18), failed_record("control", 400)]
    measured = sort_records(suite, [*more, *records])
    assert [one.load.batch for one in measured] == [1, 16, 400, 1, 16, 17, 18]
    control, converted = capacities_of(measured, clip_bytes(measured))
    assert (control.largest_tried, converted.largest_tried) == (None, 17)  # nobody tried between 16 and 400
    assert common_load(measured) == Load(16, 1, 400)  # peaks are compared under what both fitted
    headlines = headlines_of(measured, clip_bytes(measured), None)
    peaks = [headline.quantities["peak allocated"] for headline in headlines]
    assert peaks[0].value == lines_of(measured_of(record("control", 16))).peak
    assert peaks[1].change is not None
    assert peaks[1].change < 0
    text = write_memory(suite, MemoryRecords(tuple(measured), None), tmp_path)
    assert "out of memory" in text
    assert (tmp_path / "memory-batch.svg").is_file()


def test_runs_are_recorded_with_how_they_differ(records: list[MemoryRecord], tmp_path: Path) -> None:
    """The allocator and the driver may say something else the next time; live tensors may not."""
    for name, more in (("first", 0), ("second", MIB)):
        run = [with_bytes(one, reserved=(measured_of(one).reserved or 0) + more) for one in records]
        write_records(tmp_path / f"{name}.parquet", run)
    record_spread(str(tmp_path), *(str(tmp_path / f"{name}.parquet") for name in ("first", "second")))
    spread = pd.read_csv(tmp_path / "spread.csv")
    differing = spread[spread["spread_per_cent"] > 0]
    assert set(differing["line"]) == {"slack"}
    assert differing["spread_per_cent"].tolist() == pytest.approx([100 / 20.5] * 4, abs=1e-3)
    assert pd.read_csv(tmp_path / "memory.csv")["run"].tolist() == [1] * 4 + [2] * 4
    assert {line.arm for line in spread_of([records, records[:2]])} == {"control"}
    with pytest.raises(BenchError, match="no cell in common"):
        spread_of([records[2:], records[:2]])


def test_nothing_fitted(suite: Suite, tmp_path: Path) -> None:
    text = write_memory(suite, MemoryRecords((failed_record("control", 8),), None), tmp_path)
    assert "out of memory" in text
    assert not (tmp_path / "memory-batch.svg").exists()
