"""What became of each language, and how it is said."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis.memory.headlines import Transcripts
from bench.analysis.memory.records import MemoryRecords
from bench.analysis.suite_records import SuiteRecords, read_timed
from bench.analysis.verdict_counts import count_verdicts
from bench.errors import BenchError
from bench.memory_records import MemoryRecord
from bench.reporting.card import render_card
from bench.reporting.figures.frontier import write_frontiers
from bench.reporting.text.cells import csv_head
from bench.reporting.text.verdict_sentences import undecided_sentence, verdict_sentence
from bench.speed.record import GENERATE, NAME, Portion, SpeedRecord
from bench.store import Store
from tests.cards import CONTROL, CONVERTED, make_records, make_suite
from tests.manifests import with_arm
from tests.memory_cells import measured_of, memory_records, with_bytes
from tests.test_card import block, with_rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SuiteRecords:
    """English by WER, Thai by CER, both undecided."""
    found = make_records(make_suite(languages=["en", "de", "th"]), tmp_path_factory.mktemp("outcomes"))
    for language, mde in (("en", 3.0), ("de", float("nan")), ("th", 9.0)):
        found = with_rows(found, language, direction="undecided", significant=False, floor=False, mde=mde)
    return found


def test_what_could_have_been_found_is_told_by_metric_and_where_it_is_not_known(made: SuiteRecords) -> None:
    outcomes = count_verdicts(made.results.of("mla"))
    assert outcomes.undecided == ("en", "de", "th")
    high = made.results.of("mla").clean.primary[1].interval.high
    assert (outcomes.detectable, outcomes.unknown) == ({"wer": (3.0, 3.0), "cer": (9.0, 9.0)}, {"de": high})
    assert undecided_sentence(outcomes).endswith(
        "marked with 80 % chance is, by language, at least 3.0 points of WER and 9.0 points of CER (not known for de, "
        f"where too few speakers differ; up to {high:.1f} points are not ruled out there)."
    )
    assert "by language, 3.0 points" in undecided_sentence(replace(outcomes, least=False))
    assert verdict_sentence(made.suite.arms[1], outcomes, None) == (
        "mla against control, 3 languages: worse in none, undecided in 3 (en de th)."
    )


def test_a_model_in_another_environment_is_no_conversion(tmp_path: Path) -> None:
    """Told apart by the fingerprint: nothing was converted where both sides are one model."""
    suite = make_suite([CONTROL, CONVERTED | {"name": "newer", "model": "m/a"}])
    found = make_records(suite, tmp_path, settings={"newer": {"transformers": "6"}})
    for arm_id in found.manifest.arms:
        found = replace(found, manifest=with_arm(found.manifest, arm_id, fingerprint="same"))
    text = render_card(found, suite.arms[1])
    assert "| difference" in text
    assert "conversion cost" not in text
    assert "multi-head-latent-attention" not in text
    method = block(found, "newer").partition("<details>")[2]
    assert "- newer: cpu, float32, sdpa attention, torch 2, transformers 6." in method
    assert "- control: cpu, float32, sdpa attention, torch 2, transformers 5." in method


def doubled(record: MemoryRecord) -> MemoryRecord:
    """Twice the bytes of everything that lives."""
    measured = measured_of(record)
    return with_bytes(
        record,
        weights=2 * measured.weights,
        own=2 * measured.own,
        cross=2 * measured.cross,
        states=2 * measured.states,
    )


def test_the_frontier_is_of_one_dtype(made: SuiteRecords, tmp_path: Path) -> None:
    """The one that was decoded in: half the bytes of another dtype are no saving of a conversion."""
    decoded = tuple(replace(doubled(one), dtype="float32") for one in memory_records())
    half = tuple(one for one in memory_records() if one.arm == "mla")
    for name, records in (("one", decoded), ("both", decoded + half)):
        memory = MemoryRecords(records, Transcripts(20, 90))
        assert write_frontiers(replace(made, memory=memory), tmp_path / name)
    one, both = ((tmp_path / name / "frontier.svg").read_text(encoding="utf-8") for name in ("one", "both"))
    assert one == both
    assert "90 positions (99th percentile), float32" in one


def test_the_frontier_over_time_is_beside_the_first_arm(made: SuiteRecords, tmp_path: Path) -> None:
    arms = [str(arm.id) for arm in made.suite.arms]
    seconds = [{arm: 2.0 + place * slow for place, arm in enumerate(arms)} for slow in (0.5, 1.0, 9.0)]
    portions = tuple(Portion(16, 80.0, {GENERATE: of}) for of in seconds)
    nothing: dict[str, int] = {}
    timed = SpeedRecord("s", tuple(arms), "cpu", 1, 16, {}, portions, {}, nothing, nothing)
    assert timed.beside_first(arms[1], GENERATE) == 1.5
    store = Store(tmp_path)
    assert read_timed(store) is None
    (tmp_path / NAME).write_text(timed.to_json(), encoding="utf-8")
    assert read_timed(store) == timed
    written = write_frontiers(replace(made, memory=None, timed=timed), tmp_path)
    assert [path.name for path in written] == ["frontier-time.svg", "frontier-time.png"]
    text = written[0].read_text(encoding="utf-8")
    assert f"time of generate, of {arms[0]}'s: 48 clips, batches of 16, cpu" in text
    assert "+50" in text


@pytest.mark.parametrize("content", ["{}", "x", '{"arms": []}', None])
def test_a_damaged_record_of_times_is_named(tmp_path: Path, content: str | None) -> None:
    """None: `generate` was not timed of every arm."""
    if content is None:
        portions = (Portion(1, 1.0, {GENERATE: {"a": 1.0}}),)
        content = SpeedRecord("s", ("a", "b"), "cpu", 1, 1, {}, portions, {}, {}, {}).to_json()
    (tmp_path / NAME).write_text(content, encoding="utf-8")
    with pytest.raises(BenchError, match=r"speed_ways\.json is damaged: it is no record of `bench speed`; run"):
        read_timed(Store(tmp_path))


def test_the_line_above_a_csv_is_one(made: SuiteRecords) -> None:
    results = replace(made.results, signature="corpus:manifest/a\nb|clips:0")
    head = csv_head(made.suite, "costs in points", results)
    assert head == "# measured; costs in points; corpus:manifest/a\\u000ab|clips:0\n"
