"""Costs in noise read off the stored tables: on both scales, corrected arm by arm, and what they are worth in dB."""

from itertools import product
from math import inf, isfinite, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bench.comparing import read_results
from bench.reporting.tables.robustness import write_robustness
from bench.store import Store
from tests.corrections import CORRECTIONS
from tests.slow import bootstrap, draws
from tests.stored import decoded, draw, make_suite, speaker_sums, stored_tables

CONDITIONS = ("clean", "phone", "white@0", "white@5")
PHONE = {
    "en": (0.25, 0.25, 0.30, 0.70),
    "de": (0.15, 0.20, 0.45, 0.82),
    "es": (0.55, 0.65, 0.08, 0.19),
    "fr": (0.20, 0.50, 0.30, 0.32),
    "th": (0.30, 0.30, 0.65, 0.98),
}
"""Chance of a wrong word, of the control and the converted arm, clean and over a telephone: English costs more there on
both scales, German in points alone, Spanish by the ratio alone, French less, and Thai more, but beyond the floor."""
LADDER = {"white@0": 3.5, "white@5": 1.2}
"""Times the control's clean chance."""
ARMS = [
    {"name": name, "seed": seed, **({"control": "plain"} if name == "mla" else {})}
    for seed in (1, 2)
    for name in ("plain", "mla")
]
KEYS = ["arm", "seed", "language", "condition", "metric"]


def decode(arm: str, seed: int, language: str, condition: str) -> pd.DataFrame:
    """The second seed costs a third as much and has a control of its own; on the ladder all arms lose to controls."""
    side = int(arm == "mla")
    rates = PHONE[language]
    clean, phone = rates[:2], rates[2:]
    chosen = phone if condition == "phone" else clean
    cost = 0.08 if condition in LADDER else chosen[side] - chosen[0]
    rate = min(0.98, LADDER.get(condition, 1) * chosen[0] + side * cost / (3 if seed == 2 else 1))
    drawn = draw(rate, seed, side, CONDITIONS.index(condition), list(PHONE).index(language))
    return decoded(f"{arm}#{seed}", language, drawn, condition)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    ladder = {"name": "white", "kind": "noise", "noise": "white", "snr_db": [5, 0]}
    conditions = [{"name": "clean"}, {"name": "phone", "kind": "telephony"}, ladder]
    suite = make_suite(ARMS, list(PHONE), conditions=conditions)
    cells = product(("plain", "mla"), (1, 2), PHONE, CONDITIONS)
    return stored_tables(suite, (decode(*cell) for cell in cells), tmp_path_factory.mktemp("noise"))


def upwards(p: pd.Series, is_up: pd.Series) -> pd.Series:
    """From a two-sided p to the one of no increase."""
    return (p / 2).where(is_up, 1 - p / 2)


def test_hurting_more_is_said_where_both_scales_say_it(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["interactions"]
    assert len(rows) == 2 * 5 * 3 * 2
    points = upwards(rows["p_difference"], rows["difference"] > 0)
    relative = upwards(rows["p_ratio"], rows["ratio"] > 1)
    assert list(rows["p_more"]) == pytest.approx(list(np.maximum(points, relative)))
    assert list(rows["hurts_more"]) == list((rows["p_more_bh"] <= 0.05) & ~rows["floor"])
    phone = (rows["condition"] == "phone") & (rows["seed"] == 1) & rows["primary"]
    kinds = {
        row["language"]: (row["p_difference"] <= 0.05, row["p_ratio"] <= 0.05, row["floor"], row["hurts_more"])
        for row in rows[phone].to_dict("records")
    }
    assert kinds == {
        "en": (True, True, False, True),
        "de": (True, False, False, False),
        "es": (False, True, False, False),
        "fr": (True, True, False, False),
        "th": (True, True, True, False),
    }
    by_language = rows[phone].set_index("language")
    signs = pd.DataFrame({"more": by_language["difference"] > 0, "higher": by_language["ratio"] > 1})
    assert signs.all(axis=1).to_dict() == {"en": True, "de": True, "es": True, "fr": False, "th": True}
    assert not signs.loc["fr"].any()


@pytest.mark.parametrize(
    ("table", "p", "adjusted", "grid"),
    [
        ("interactions", "p_more", "p_more_bh", ["arm", "seed", "metric"]),
        ("thresholds", "p", "p_bh", ["arm", "seed"]),
        ("slices", "p", "p_bh", ["arm", "seed"]),
    ],
)
def test_each_arm_is_an_exploratory_grid_of_its_own(
    tables: dict[str, pd.DataFrame], table: str, p: str, adjusted: str, grid: list[str]
) -> None:
    rows = tables[table]
    grids = list(rows.groupby(grid))
    assert len(grids) == 2 ** (len(grid) - 1)
    for _, of_grid in grids:
        correct = CORRECTIONS["bh"](list(of_grid[p]))
        assert list(of_grid[adjusted]) == pytest.approx(correct, nan_ok=True)
        over_all = dict(zip(rows.index, CORRECTIONS["bh"](list(rows[p])), strict=True))
        assert correct != pytest.approx([over_all[i] for i in of_grid.index], nan_ok=True)
        assert correct != pytest.approx(CORRECTIONS["holm"](list(of_grid[p])), nan_ok=True)


@pytest.mark.parametrize(
    ("seed", "language", "condition", "metric"),
    [(1, "en", "phone", "wer"), (1, "es", "phone", "wer"), (2, "de", "white@5", "wer"), (1, "th", "white@0", "cer")],
)
def test_an_interaction_by_brute_force(
    tables: dict[str, pd.DataFrame], seed: int, language: str, condition: str, metric: str
) -> None:
    """Cost minus clean cost, and the ratio of relative error rates, over the same resamples of speakers."""
    row = tables["interactions"].set_index(KEYS).loc["mla", seed, language, condition, metric]
    sides = [
        speaker_sums(decode(arm, seed, language, of), metric) for of in (condition, "clean") for arm in ("mla", "plain")
    ]
    sums = np.column_stack([*(side[:, 0] for side in sides), sides[0][:, 1]])
    weights = draws(language, len(sums), 1000)
    ours, theirs, clean_ours, clean_theirs = (100 * side[:, 0].sum() / side[:, 1].sum() for side in sides)
    assert [row["cost"], row["clean_cost"]] == pytest.approx([ours - theirs, clean_ours - clean_theirs])
    assert row["difference"] == pytest.approx((ours - theirs) - (clean_ours - clean_theirs), abs=1e-9)
    assert row["ratio"] == pytest.approx((ours / theirs) / (clean_ours / clean_theirs))
    difference = bootstrap(sums, lambda t: ((t[0] - t[1]) - (t[2] - t[3])) / t[4], weights)
    assert [row["low"], row["high"]] == pytest.approx([100 * end for end in difference.interval(0.05)])
    assert row["p_difference"] == pytest.approx(difference.p)
    limit = (difference.critical(0.05) + stats.norm.isf(0.2)) * difference.standard_error
    assert row["mde_alone"] == pytest.approx(100 * limit)
    ratio = bootstrap(sums, lambda t: np.log(t[0]) - np.log(t[1]) - np.log(t[2]) + np.log(t[3]), weights)
    assert [row["ratio_low"], row["ratio_high"]] == pytest.approx([np.exp(end) for end in ratio.interval(0.05)])
    assert row["p_ratio"] == pytest.approx(ratio.p)


def crossing(at_0: float, at_5: float, target: float) -> float:
    """Where the line from 0 to 5 dB reaches the target, a rising one made level."""
    high, low = (at_0, at_5) if at_0 >= at_5 else ((at_0 + at_5) / 2,) * 2
    if high < target:
        return -inf
    return inf if low >= target else 5 * (high - target) / (high - low)


@pytest.mark.parametrize(("seed", "language"), [(1, "en"), (2, "de"), (1, "th"), (1, "es")])
def test_a_threshold_by_brute_force(tables: dict[str, pd.DataFrame], seed: int, language: str) -> None:
    """At twice the control's clean rate: positive where the converted arm needs less noise."""
    keys = ["arm", "seed", "language", "ladder"]
    row = tables["thresholds"].set_index(keys).loc["mla", seed, language, "white"]
    metric = "cer" if language == "th" else "wer"
    names = (("plain", "clean"), *product(("plain", "mla"), ("white@0", "white@5")))
    sides = [speaker_sums(decode(arm, seed, language, of), metric) for arm, of in names]

    def shift_of(drawn: np.ndarray) -> tuple[float, float, float]:
        clean, *rungs = (drawn @ side[:, 0] / (drawn @ side[:, 1]) for side in sides)
        control, converted = crossing(*rungs[:2], 2 * clean), crossing(*rungs[2:], 2 * clean)
        return control, converted, converted - control if isfinite(control) and isfinite(converted) else nan

    weights = draws(language, len(sides[0]), 1000)
    control, converted, shift = shift_of(np.ones(len(sides[0])))
    assert row["rate"] == pytest.approx(200 * sides[0][:, 0].sum() / sides[0][:, 1].sum())
    assert [row["control_snr_db"], row["snr_db"]] == pytest.approx([control, converted])
    assert row["shift_db"] == pytest.approx(shift, nan_ok=True)
    if not isfinite(shift):
        assert language == "es"
        assert not row["shifted"]
        return
    distances = sorted(inf if np.isnan(x) else abs(x - shift) for x in (shift_of(drawn)[2] for drawn in weights))
    half = distances[int(np.ceil(0.95 * 1001)) - 1]
    assert [row["low"], row["high"]] == pytest.approx([shift - half, shift + half])
    assert row["p"] == pytest.approx((1 + sum(distance >= abs(shift) - 1e-12 for distance in distances)) / 1001)
    assert row["shifted"] == (row["p_bh"] <= 0.05)


def test_rungs_that_are_too_coarse_are_told_in_words(tmp_path: Path) -> None:
    """The same decodes, of rungs 10 dB apart: no shift in the table, the sentence or the CSV, but why."""
    ladder = {"name": "white", "kind": "noise", "noise": "white", "snr_db": [10, 0]}
    suite = make_suite(ARMS[:2], ["en", "es"], conditions=[{"name": "clean"}, ladder])
    cells = product(("plain", "mla"), (1,), ("en", "es"), ("clean", *LADDER))
    rows = stored_tables(suite, (decode(*cell).replace("white@5", "white@10") for cell in cells), tmp_path)[
        "thresholds"
    ]
    english, spanish = rows.set_index("language").loc["en"], rows.set_index("language").loc["es"]
    assert english["refused"] == "rungs too coarse: 0 to 10 dB"
    assert english[["control_snr_db", "snr_db", "shift_db", "low", "high", "p", "p_bh"]].isna().all()
    assert not english["shifted"]
    assert spanish["refused"] == ""
    folder = tmp_path / "reports"
    write_robustness(suite, read_results(suite, Store(tmp_path / "stored")), folder)
    text = (folder / "robustness.md").read_text(encoding="utf-8")
    assert "in 1 of 2 cases (languages by ladders), 1 of them between rungs too coarse for a shift;" in text
    (row,) = [line.split("|") for line in text.splitlines() if line.startswith("| en   | ")]
    assert [cell.strip() for cell in row[3:6]] == ["between rungs", "between rungs", "rungs too coarse: 0 to 10 dB"]
    assert "rungs too coarse: 0 to 10 dB" in (folder / "thresholds.csv").read_text(encoding="utf-8")


def test_summaries_of_an_excess_leave_floors_out(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["interactions"]
    rows = rows[(rows["condition"] == "phone") & (rows["seed"] == 1) & (rows["metric"] == "wer") & rows["primary"]]
    summaries = tables["summaries"].set_index(["of", "condition", "metric", "quantity", "statistic"])
    mean = summaries.loc["mla#1", "phone", "wer", "more than clean", "mean"]
    assert list(mean["languages"]) == ["en", "de", "es", "fr"]
    assert mean["value"] == pytest.approx(rows["difference"].mean())
