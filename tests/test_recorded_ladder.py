"""The committed numbers of the demo's ladder, recomputed from transcripts: costs, interactions, thresholds, slices."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.corrections import CORRECTIONS
from tests.ladder import ladder_decodes, part_of_the_ladder
from tests.stored import stored_tables

REPORTS = Path(__file__).parents[1] / "reports" / "demo-ladder"
FILES = {"comparisons": "table", "interactions": "robustness", "thresholds": "thresholds", "slices": "slices"}
ELSEWHERE = {"masked", "nll_delta", "nll_z", "signature", "inputs"}
"""What transcripts do not give."""
OF_THE_FAMILY = {"p_adjusted", "significant", "disagree", "loop_driven", "direction", "mde"}
OF_THE_FAMILY |= {"simultaneous_low", "simultaneous_high", "on_the_line", "p_within_adjusted", "p_beyond_adjusted"}
OF_THE_FAMILY |= {"p_bh", "p_more_bh", "hurts_more", "shifted"}
"""What depends on languages and conditions that are not recomputed."""
KEYS = ("arm", "language", "condition", "ladder", "metric", "slice", "value")
RESAMPLES = 10_000
PRINTED = 5.1e-5
"""By how much what is printed to four decimals may be off."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    suite = part_of_the_ladder()
    return stored_tables(suite, ladder_decodes(suite), tmp_path_factory.mktemp("ladder"))


def recorded(table: str) -> pd.DataFrame:
    return pd.read_csv(REPORTS / f"{FILES[table]}.csv", comment="#", keep_default_na=True)


@pytest.mark.parametrize("table", list(FILES))
def test_every_number_is_what_transcripts_give(tables: dict[str, pd.DataFrame], table: str) -> None:
    """To the four decimals that are printed."""
    found, kept = tables[table], recorded(table)
    keys = [name for name in KEYS if name in kept]
    both = found.merge(kept, on=keys, suffixes=("", "_recorded"), validate="one_to_one")
    assert len(both) == len(found) > 0
    if "resamples" in both:  # more of them where a mark of the family hangs on one, and that is not the same family
        drawn_alike = both["resamples"].fillna(0) == both["resamples_recorded"].fillna(0)
        assert drawn_alike.mean() > 0.9
        both = both[drawn_alike]
    shared = [name for name in kept if name not in {*keys, *ELSEWHERE, *OF_THE_FAMILY} and name in found]
    assert len(shared) > 8
    for name in shared:
        ours, theirs = both[name], both[f"{name}_recorded"]
        if pd.api.types.is_float_dtype(ours) or pd.api.types.is_integer_dtype(ours):
            assert list(ours.astype(float)) == pytest.approx(list(theirs.astype(float)), abs=6e-5, nan_ok=True), name
        else:
            assert list(ours.astype(object).fillna("")) == list(theirs.astype(object).fillna("")), name


@pytest.mark.parametrize(
    ("table", "p", "adjusted", "grid", "correction"),
    [
        ("comparisons", "p", "p_adjusted", ["arm", "metric"], "holm"),
        ("comparisons", "p", "p_adjusted", ["arm", "metric"], "bh"),
        ("interactions", "p_more", "p_more_bh", ["arm", "metric"], "bh"),
        ("thresholds", "p", "p_bh", ["arm"], "bh"),
        ("slices", "p", "p_bh", ["arm"], "bh"),
    ],
)
def test_every_correction_is_over_its_whole_family(
    table: str, p: str, adjusted: str, grid: list[str], correction: str
) -> None:
    """Clean cells after Holm, all else after Benjamini and Hochberg: what corrects p-values that are printed to four
    decimals lies between what corrects the least and the largest that they may be.
    """
    rows = recorded(table)
    if table == "comparisons":
        rows = rows[rows["control"].notna() & ((rows["condition"] == "clean") == (correction == "holm"))]
    for _, family in rows.groupby(grid):
        low, high = (np.array(CORRECTIONS[correction](list((family[p] + by).clip(0, 1)))) for by in (-PRINTED, PRINTED))
        found = family[adjusted].to_numpy()
        unknown = np.isnan(found)
        assert (unknown == family[p].isna()).all()
        assert ((low - PRINTED <= found) & (found <= high + PRINTED))[~unknown].all()
    if "significant" in rows:
        unmarked = rows["floor"].astype(bool) | rows["on_the_line"].astype(bool)
        assert (rows["significant"].astype(bool) == ((rows[adjusted] <= 0.05) & ~unmarked)).all()
    if "shifted" in rows:
        assert (rows["shifted"] == (rows[adjusted] <= 0.05)).all()


def one_sided(rows: pd.DataFrame) -> pd.Series:
    """The larger of both scales' p-values of no increase."""
    halves = {scale: rows[f"p_{scale}"] / 2 for scale in ("difference", "ratio")}
    ups = {"difference": rows["difference"] > 0, "ratio": rows["ratio"] > 1}
    return pd.DataFrame({scale: half.where(ups[scale], 1 - half) for scale, half in halves.items()}).max(
        axis=1, skipna=False
    )


def test_what_hurts_more_does_so_on_both_scales() -> None:
    rows = recorded("interactions")
    assert list(rows["p_more"]) == pytest.approx(list(one_sided(rows)), abs=2 * PRINTED, nan_ok=True)
    said = (rows["p_more_bh"] <= 0.05) & ~rows["floor"]
    assert (rows["hurts_more"] == said).all()
    assert (rows.loc[said, ["difference", "ratio"]] > [0, 1]).all(axis=None)


def test_the_reports_say_how_many_resamples() -> None:
    for name in FILES.values():
        line = (REPORTS / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert re.findall(r"B=(\d+)", line) == [str(RESAMPLES)]
