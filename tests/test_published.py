"""Published figures: the card's table from its records, cell by cell, and what its median is a median of."""

from pathlib import Path

import numpy as np
import pytest

from bench.analysis.published import read_claims, read_costs
from bench.analysis.reproduction import reproduce
from bench.errors import BenchError
from bench.reporting.tables.published import published_table, render_published
from bench.reporting.tables.reproduction import render_reproduction
from bench.scoring import METRICS
from bench.stats import PairedSums
from bench.suite import load_suite
from tests.conftest import Command
from tests.flat import make_results

RESULTS = Path(__file__).parents[1] / "results"
SUITE = load_suite("whisper-tiny-mla")
CARD = """
Lang this model (WER / CER) conversion cost
en 29.1 / 15.8 +2.41 ✱
de 42.8 / 16.6 +1.95 ✱
es 29.4 / 10.7 +1.07 ✱
fr 45.4 / 20.1 +2.05 ✱
ru 42.9 / 14.2 +3.32 ✱
tr 53.7 / 17.6 +2.63 ✱
cy 86.5 / 38.0 −0.19 (ns)
ar 67.5 / 28.7 +1.58 ✱
th 65.8 / 28.1 +0.75 CER ✱
zh 99.3 / 34.1 −1.49 CER (ns)
ka 122.1 / 81.0 −0.50 (ns) — floor
"""
"""As printed on the card of whisper-tiny-mla-cv11."""


def test_the_card_is_reproduced_cell_by_cell() -> None:
    """Through the renderer of the cards that are made here."""
    header, _, *rows = published_table("this model", read_costs(RESULTS)).splitlines()
    printed = [" ".join(cell.strip() for cell in line.strip("|").split("|")) for line in (header, *rows)]
    assert printed == CARD.strip().splitlines()


def test_its_median_is_named() -> None:
    text = render_published(read_costs(RESULTS), read_claims(RESULTS))
    assert text.startswith("published: not measured here")
    assert "over the 9 WER rows: +1.95" in text
    assert "over all 11 rows, WER and CER mixed: +1.58" in text
    assert "up to 87.5%" in text


def test_every_figure_has_a_source() -> None:
    claims = read_claims(RESULTS)
    values = {(claim.size, claim.languages): claim.value for claim in claims if claim.statistic == "median cost"}
    expected = {("small", 11): 0.4, ("base", 11): 1.0, ("tiny", 11): 1.9}
    assert values == expected | {("small", 24): 0.6, ("base", 24): 1.1, ("tiny", 24): 1.9}
    assert all(record.source.startswith("https://") for record in (*claims, *read_costs(RESULTS)))


def test_as_typed(bench: Command, tmp_path: Path) -> None:
    shown = bench("table", "--published", "--results", RESULTS)
    assert shown.returncode == 0, shown.stderr
    assert "| ka   | 122.1 / 81.0" in shown.stdout
    for arguments, complaint in (
        (["table"], "give a suite"),
        (["table", "demo", "--published"], "nothing decoded yet"),
    ):
        refused = bench(*arguments)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert complaint in refused.stderr
    missing = bench("table", "--published")
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)


def test_a_wrong_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    text = (RESULTS / "published" / "costs.csv").read_text(encoding="utf-8")
    (tmp_path / "published" / "costs.csv").write_text(
        text.replace("1.95,significant", "1.95,perhaps"), encoding="utf-8"
    )
    with pytest.raises(BenchError, match="line 3: mark: Input should be 'significant' or 'ns'"):
        read_costs(tmp_path)


def draw(rng: np.random.Generator, speakers: int) -> PairedSums:
    """Errors and words of so many speakers, ten clips each, some of them worse to recognise than others."""
    words = rng.integers(40, 160, size=speakers).astype(float)
    return PairedSums.of_differences(
        rng.binomial(words.astype(int), rng.beta(3, 7, size=speakers)).astype(float), words
    )


@pytest.mark.parametrize("speakers", [150, 450])
def test_chance_is_what_sets_two_samples_apart(speakers: int) -> None:
    """Of the same models and speech, 1,500 clips published and ten a speaker measured: beyond it in 5 % of cases."""
    rng = np.random.default_rng(speakers)
    beyond = []
    for _ in range(2000):
        published, measured = draw(rng, 150), draw(rng, speakers)
        row = {"language": "en", "arm": "mla", "control": "control", "clips": 10 * speakers}
        row |= {"rate": 100 * measured.delta, "rate_standard_error": 100 * measured.standard_error}
        row |= {"delta": 0.0, "standard_error": 1.0}
        results = make_results([row | {"metric": metric} for metric in METRICS])
        cost = read_costs(RESULTS)[0].model_copy(update={"wer": 100 * published.delta})
        found = reproduce(SUITE, results, [cost], "Common Voice 17 test")
        assert found is not None
        beyond.append(found.cells[0].beyond_chance)
    assert np.mean(beyond) == pytest.approx(0.05, abs=0.02)
    if speakers == 150:
        assert found.cells[0].chance == pytest.approx(1.96 * np.sqrt(2) * row["rate_standard_error"], rel=1e-3)
    assert found.elsewhere == ()


def test_costs_against_another_control_are_not_set_beside() -> None:
    arms = [
        arm.model_copy(update={"model": "openai/whisper-tiny"}) if arm.name == "control" else arm for arm in SUITE.arms
    ]
    row = {"language": "en", "arm": "mla", "control": "control", "clips": 1500, "rate": 29.0, "delta": 2.0}
    row |= {"rate_standard_error": float("nan"), "standard_error": 1.0}
    results = make_results([row | {"metric": metric} for metric in METRICS])
    found = reproduce(SUITE.model_copy(update={"arms": tuple(arms)}), results, read_costs(RESULTS), "google/fleurs")
    assert found is not None
    assert [cell.what for cell in found.cells] == ["WER", "CER"]
    assert found.other_controls == ("mla",)
    assert found.elsewhere == ("Common Voice 17 test",)
    text = render_reproduction(SUITE, found, "s")
    assert "The control of mla is not the published one" in text
    assert "not known" in text
