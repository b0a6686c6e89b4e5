"""What is said of measured bytes. Records of a GPU are made up here: their lines must add up wherever they are from."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.memory.breakdown import PHASES, lines_of
from bench.analysis.memory.capacity import GIB, capacities_of
from bench.analysis.memory.contradictions import contradictions_of
from bench.analysis.memory.headlines import Transcripts, clip_bytes, common_load, headlines_of
from bench.analysis.memory.peaks import peak_cuts
from bench.analysis.memory.records import MemoryRecords
from bench.errors import BenchError
from bench.memory.budget import Load
from bench.memory.profile import find_largest, table_of
from bench.memory.spread import main as record_spread
from bench.memory.spread import spread_of
from bench.memory.workers import MemoryCell
from bench.reporting.tables.memory import render_memory, write_memory
from bench.suite import ArmSpec, Suite, load_suite
from tests.conftest import write_clips, write_suite

MIB = 2**20
WEIGHTS, OWN, CROSS, STATES = 40 * MIB, 6144, 9 * MIB, MIB
"""Of the control: bytes, a position, a clip, a clip."""


@pytest.fixture
def suite(tmp_path: Path, model_folders: dict[str, Path]) -> Suite:
    return load_suite(str(write_suite(tmp_path / "a.toml", model_folders, write_clips(tmp_path / "clips"))))


def record(arm: str, batch: int, positions: int = 400, cut: float = 0.0, **others: Any) -> dict[str, Any]:
    """A cell on a GPU: transients of 10 MiB a clip in the encoder and 1 MiB later, 20 MiB of slack, 500 of context."""
    own, cross = int(batch * positions * OWN * (1 - cut)), batch * CROSS
    caches = {"encode": (0, 0), "prefill": (own // positions * 4, cross), "decode": (own, cross)}
    phases, peaks = {}, []
    for phase, more in zip(caches, (10, 1, 1), strict=True):
        peaks.append(WEIGHTS + batch * (STATES + more * MIB) + sum(caches[phase]))
        phases |= {f"{phase}_own": caches[phase][0], f"{phase}_cross": caches[phase][1], f"{phase}_peak": peaks[-1]}
    reserved = max(peaks) + 20 * MIB
    return {
        **{"arm": arm, "control": None if arm == "control" else "control", "dtype": "float16", "outcome": "ok"},
        **{"batch": batch, "beams": 1, "positions": positions, "kv": None, "seconds": 0.004},
        **{"weights": WEIGHTS, "own": own, "cross": batch * CROSS, "states": batch * STATES},
        **{"own_claimed": own, "cross_claimed": batch * CROSS, **phases},
        **{"reserved": reserved, "context": 500 * MIB, "process_source": "process"},
        **{"device": "a GPU", "driver": "1.2", "attention": "sdpa", "torch": "2", "transformers": "5"},
        **others,
    }


@pytest.fixture
def records() -> pd.DataFrame:
    arms = (("control", 0.0), ("converted", 0.625))
    return pd.DataFrame([record(arm, batch, cut=cut) for arm, cut in arms for batch in (1, 16)])


def without_gpu(records: pd.DataFrame) -> pd.DataFrame:
    names = [
        "reserved",
        "context",
        "process_source",
        "driver",
        "seconds",
        *(name for name in records if name.endswith("_peak")),
    ]
    return records.assign(**dict.fromkeys(names), device="no GPU")


@given(batch=st.integers(1, 64), positions=st.integers(5, 447), cut=st.floats(0, 0.99))
def test_lines_add_up_to_what_the_driver_says(batch: int, positions: int, cut: float) -> None:
    row = record("converted", batch, positions, cut)
    lines = lines_of(row)
    assert lines.transient is not None
    assert lines.slack is not None
    assert lines.context is not None
    parts = [lines.weights, lines.own, lines.cross, lines.states, lines.transient]
    assert lines.peak == sum(parts) == max(row[f"{phase}_peak"] for phase in PHASES)
    assert sum(parts) + lines.slack == row["reserved"]
    assert lines.process == row["reserved"] + lines.context
    assert sum(lines.at_peak.values()) == lines.peak
    assert lines.transients == {"encode": 10 * batch * MIB, "prefill": batch * MIB, "decode": batch * MIB}
    assert lines.transient >= 0


def test_a_peak_while_encoding_is_made_of_no_cache() -> None:
    """An exact form's caches are so small that its encoder sets the peak."""
    row = record("exact", 16)
    row |= dict.fromkeys(("cross", "prefill_cross", "decode_cross"), 0)
    lines = lines_of(row | {"encode_peak": WEIGHTS + 16 * 40 * MIB})
    assert lines.peak_phase == "encode"
    assert lines.at_peak["self cache"] == 0
    assert lines.at_peak["transients"] == 16 * 39 * MIB


def test_nothing_is_invented_without_a_gpu(records: pd.DataFrame, suite: Suite) -> None:
    table = without_gpu(records)
    lines = lines_of(table.iloc[0].to_dict())
    assert (lines.peak, lines.slack, lines.context) == (None, None, None)
    assert set(lines.transients.values()) == {None}
    assert peak_cuts(table) == []
    text = render_memory(suite, MemoryRecords(table, None))
    assert "no GPU: peaks, slack, the process's bytes and the time a token are absent, not estimated." in text
    assert "slack |" not in text
    assert "ms a token" not in text
    assert "Closed form: weights, caches and encoder states alone" in text


def test_headlines_are_of_the_corpus_transcripts(records: pd.DataFrame, suite: Suite) -> None:
    control, converted = headlines_of(records, clip_bytes(records), Transcripts(12, 40))
    named = converted.quantities
    assert named["self cache a position"].value == pytest.approx(0.375 * OWN)
    assert named["self cache a position"].change == pytest.approx(-62.5)
    at_median = named["decode cache at 12 positions (median transcript)"]
    assert at_median.value == pytest.approx(12 * 0.375 * OWN + CROSS)
    assert at_median.change == pytest.approx(-100 * 0.625 * 12 * OWN / (12 * OWN + CROSS))
    assert named["process"].change == pytest.approx(
        -100 * 16 * 400 * 0.625 * OWN / (records["reserved"][1] + 500 * MIB)
    )
    assert all(quantity.change is None for quantity in control.quantities.values())
    text = render_memory(suite, MemoryRecords(records, Transcripts(12, 40)))
    assert "decode cache at 40 positions (99th percentile)" in text
    assert render_memory(suite, MemoryRecords(records, None)).count("No transcript of this suite is decoded yet") == 1


def test_one_paragraph_says_why_the_peak_shrinks_by_less(records: pd.DataFrame, suite: Suite) -> None:
    cut = peak_cuts(records)[-1]
    assert cut.load == (16, 1, 400)
    assert sum(cut.shares.values()) == pytest.approx(100)
    assert cut.own == pytest.approx(-62.5)
    assert cut.peak is not None
    assert cut.process is not None
    assert cut.own < cut.peak < cut.process < 0
    assert cut.control_lines.peak_phase == "decode"
    assert cut.saved == pytest.approx(16 * 400 * 0.625 * OWN)
    assert "The cut of the cache and the peak: converted against control, 16 clips x 1 beams" in render_memory(
        suite, MemoryRecords(records, None)
    )


@pytest.mark.parametrize(("factor", "word"), [(1 / 0.375, "MORE"), (0.5, "LESS")])
def test_a_contradiction_stands_on_top_in_capitals(
    factor: float, word: str, records: pd.DataFrame, suite: Suite
) -> None:
    assert "HOLDS" not in render_memory(suite, MemoryRecords(records, None))
    records.loc[2:, "own"] = (records.loc[2:, "own"] * factor).astype(int)
    text = render_memory(suite, MemoryRecords(records, None))
    assert text.startswith("**CONVERTED HOLDS ")
    assert f"BYTES {word} THAN ITS CONFIG CLAIMS** of self-attention cache" in text.splitlines()[0]


def test_caches_that_contradict_in_both_directions_are_both_told(records: pd.DataFrame) -> None:
    """And of every load: one that holds its most from the start agrees only there."""
    records.loc[3, ["own", "cross"]] = [int(records["own"][3]) + MIB, int(records["cross"][3]) - MIB]
    records.loc[0, "own"] = 2 * records["own"][0]
    told = {(each.arm, each.cache): each.held - each.claimed for each in contradictions_of(records)}
    assert told == {
        ("control", "self-attention"): 400 * OWN,
        ("converted", "self-attention"): MIB,
        ("converted", "cross-attention"): -MIB,
    }


def test_an_arm_that_claims_nothing_contradicts_nothing(records: pd.DataFrame, suite: Suite) -> None:
    records.loc[2:, ["own_claimed", "cross_claimed"]] = None
    assert "HOLDS" not in render_memory(suite, MemoryRecords(records, None))


def test_the_largest_batch_is_told_from_how_bytes_grow(records: pd.DataFrame) -> None:
    """Everything that a process takes at that batch fits, and at one more does not."""
    control, converted = capacities_of(records, clip_bytes(records))
    assert control.measured
    for limit in (4, 80):
        largest = control.largest_batch(limit)
        fits, fails = (lines_of(record("control", batch)).process for batch in (largest, largest + 1))
        assert (fits or 0) <= limit * GIB < (fails or 0)
    assert converted.largest_batch(24) > control.largest_batch(24)
    closed, _ = capacities_of(without_gpu(records), clip_bytes(without_gpu(records)))
    assert not closed.measured
    assert closed.largest_batch(4) == (4 * GIB - WEIGHTS) // (400 * OWN + CROSS + STATES)
    assert closed.largest_batch(0.01) == 0


@given(room=st.integers(0, 5000), batches=st.lists(st.integers(1, 4096), min_size=1, max_size=4, unique=True))
def test_bisection_finds_the_largest_batch_that_fits(room: int, batches: list[int]) -> None:
    cells = [MemoryCell(ArmSpec(name="control", model="m"), "float16", Load(batch, 1, 400, 0, 2)) for batch in batches]
    tried = list(batches)

    def measure(some: Sequence[MemoryCell]) -> Iterator[dict[str, Any]]:
        for cell in some:
            tried.append(cell.load.batch)
            yield {"outcome": "ok" if cell.load.batch <= room else "out of memory"}

    rows = [{"outcome": "ok" if batch <= room else "out of memory"} for batch in batches]
    found = list(find_largest(lambda cell, outcome: {"batch": cell.load.batch, **outcome}, cells, rows, measure))
    if max(batches) <= room:
        assert not found
        return
    assert max([batch for batch in tried if batch <= room], default=0) == min(room, max(batches))
    assert len(found) <= 12


def test_a_batch_found_by_trying_stands_in_the_report(records: pd.DataFrame, suite: Suite, tmp_path: Path) -> None:
    failed = {"control": "control", "dtype": "float16", "beams": 1, "positions": 400, "outcome": "out of memory"}
    more = [record("converted", 17, cut=0.625), failed | {"arm": "converted", "batch": 18}]
    more.append(failed | {"arm": "control", "control": None, "batch": 400})
    table = table_of(suite, [*more, *records.to_dict("records")])  # type: ignore[list-item]
    assert list(table["batch"]) == [1, 16, 400, 1, 16, 17, 18]
    control, converted = capacities_of(table, clip_bytes(table))
    assert (control.found, converted.found) == (None, 17)  # nobody tried between 16 and 400
    assert common_load(table) == (400, 16, 1)  # peaks are compared under what both fitted
    peaks = [each.quantities["peak allocated"] for each in headlines_of(table, clip_bytes(table), None)]
    assert peaks[0].value == lines_of(record("control", 16)).peak
    assert peaks[1].change is not None
    assert peaks[1].change < 0
    text = write_memory(suite, MemoryRecords(table, None), tmp_path)
    assert "out of memory" in text
    assert (tmp_path / "memory-batch.svg").is_file()


def test_runs_are_recorded_with_how_they_differ(records: pd.DataFrame, tmp_path: Path) -> None:
    """The allocator and the driver may say something else the next time; live tensors may not."""
    for name, more in (("first", 0), ("second", MIB)):
        runs = records.assign(reserved=records["reserved"] + more)
        runs.to_parquet(tmp_path / f"{name}.parquet")
    record_spread(str(tmp_path), *(str(tmp_path / f"{name}.parquet") for name in ("first", "second")))
    spread = pd.read_csv(tmp_path / "spread.csv")
    differing = spread[spread["spread_per_cent"] > 0]
    assert set(differing["line"]) == {"slack"}
    assert differing["spread_per_cent"].tolist() == pytest.approx([100 / 20.5] * 4, abs=1e-3)
    assert pd.read_csv(tmp_path / "memory.csv")["run"].tolist() == [1] * 4 + [2] * 4
    assert set(spread_of([records, records[:2]])["arm"]) == {"control"}
    with pytest.raises(BenchError, match="no cell in common"):
        spread_of([records[2:], records[:2]])


def test_nothing_fitted(suite: Suite, tmp_path: Path) -> None:
    failed = {"arm": "control", "control": None, "dtype": "float16", "batch": 8, "beams": 1, "positions": 400}
    failed |= {"outcome": "out of memory"}
    text = write_memory(suite, MemoryRecords(table_of(suite, [failed]), None), tmp_path)
    assert "out of memory" in text
    assert not (tmp_path / "memory-batch.svg").exists()
