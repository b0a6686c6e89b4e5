"""What a verdict may not say: margins, floors, loops; and which clips are counted."""

from collections.abc import Sequence
from hashlib import blake2b
from operator import gt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.stats import PairedSums, bound_capped_cost, draw_clusters, largest_share
from tests.corrections import CORRECTIONS, marked
from tests.slow import bootstrap, draws
from tests.stored import CLIPS, decoded, draw, lengths, make_suite, speaker_sums, stored_tables

ARMS = [{"name": "plain"}, {"name": "mla", "control": "plain"}]
Errors = dict[str, tuple[Sequence[int], Sequence[int]]]
"""By language: of each clip, errors of the control and of the converted arm."""


def primary_rows(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The converted arm's, by language."""
    rows = tables["comparisons"]
    return rows[rows["control"].notna() & rows["primary"]].set_index("language", drop=False)


def tables_of(errors: Errors, folder: Path, **statistics: object) -> dict[str, pd.DataFrame]:
    """Of two arms over clean speech."""
    sides = ((number, arm["name"], language) for language in errors for number, arm in enumerate(ARMS))
    decodes = [decoded(name, language, errors[language][number]) for number, name, language in sides]
    return stored_tables(make_suite(ARMS, list(errors), statistics=statistics), decodes, folder)


def test_a_margin_is_held_against_the_capped_cost_after_holm(tmp_path: Path) -> None:
    """English has the runaways: raw it costs more than German, capped less, and the margin lies between."""
    runaway = np.where(np.arange(CLIPS) == 7, 140, np.array(draw(0.22, 2)))
    errors: Errors = {"en": (draw(0.2, 1), runaway.tolist()), "de": (draw(0.2, 3), draw(0.45, 4))}
    errors["es"] = (draw(0.2, 5), draw(0.3, 6))
    plain = primary_rows(tables_of(errors, tmp_path))
    assert plain["margin"].isna().all()
    assert plain.loc["en", "delta"] > plain.loc["de", "delta"] > plain.loc["en", "capped_delta"]
    seen = set()
    for margin in (2.0, 8.0, 12.0, 16.0, 18.0, 21.0, 30.0):
        rows = primary_rows(tables_of(errors, tmp_path, margin=margin))
        within, beyond = (CORRECTIONS["holm"](list(rows[name])) for name in ("p_within", "p_beyond"))
        assert list(rows["p_within_adjusted"]) == pytest.approx(within)
        assert list(rows["p_beyond_adjusted"]) == pytest.approx(beyond)
        words_said = [
            "within" if p <= 0.05 else "beyond" if q <= 0.05 else "undecided"
            for p, q in zip(within, beyond, strict=True)
        ]
        assert list(rows["margin"]) == words_said
        alone = [
            "within" if p <= 0.05 else "beyond" if q <= 0.05 else "undecided"
            for p, q in zip(rows["p_within"], rows["p_beyond"], strict=True)
        ]
        seen |= {("differs", word) for word, other in zip(alone, words_said, strict=True) if word != other}
        seen |= set(words_said)
        for _, row in rows.iterrows():
            assert (row["p_within"] <= 0.025) == (row["bound_high"] < margin)
            assert (row["p_beyond"] <= 0.025) == (row["bound_low"] > margin)
    assert {"within", "beyond", "undecided"} < seen
    assert any(isinstance(word, tuple) for word in seen)


def test_bounds_are_of_capped_errors_by_hand(tmp_path: Path) -> None:
    """One clip of sixty runs away; the bound is what the capped sums alone give, by the same draws."""
    worse = np.array(draw(0.2, 1))
    worse[7] = 90
    row = primary_rows(tables_of({"en": (draw(0.2, 1), worse.tolist())}, tmp_path, margin=5.0)).loc["en"]
    sides = [decoded(name, "en", errors) for name, errors in (("plain", draw(0.2, 1)), ("mla", worse.tolist()))]
    theirs, ours = (speaker_sums(side, "wer", capped=True) for side in sides)
    sums = PairedSums(theirs[:, 0], ours[:, 0], ours[:, 1])
    clips = np.full(15, 4.0)
    name = int.from_bytes(blake2b(b"en", digest_size=8).digest(), "big")
    cost = bound_capped_cost(sums, clips, draw_clusters(clips, 2000, np.random.default_rng([name, 2])))
    assert [row["p_within"], row["p_beyond"]] == pytest.approx([cost.p_above(0.05), cost.p_below(0.05)])
    assert [row["bound_low"], row["bound_high"]] == pytest.approx([100 * end for end in cost.interval])
    assert row["independent_clips"] == pytest.approx(60 / 1.3)
    assert (row["runaways"], row["runaway_share"]) == (1, pytest.approx(100 * largest_share(60 / 1.3 / 60, 60 / 1.3)))
    assert row["runaway_points"] == pytest.approx(row["runaway_share"] * 64 * 60 / sum(lengths()))


def test_a_floor_is_the_controls_and_bears_no_mark(tmp_path: Path) -> None:
    """English has a control beyond the floor and would be marked; German's control is usable, its arm is not."""
    rates = {"en": (0.5, 0.9), "de": (0.2, 0.6), "es": (0.2, 0.22)}
    errors: Errors = {name: (draw(pair[0], i, 0), draw(pair[1], i, 1)) for i, (name, pair) in enumerate(rates.items())}
    tables = tables_of(errors, tmp_path, floor={"wer": 40.0}, margin=50.0)
    rows = primary_rows(tables)
    adjusted = CORRECTIONS["holm"](list(rows["p"]))
    assert list(rows["p_adjusted"]) == pytest.approx(adjusted)
    assert [value <= 0.05 for value in adjusted] == [True, True, False]
    assert list(rows["floor"]) == [True, False, False]
    assert list(rows["significant"]) == [False, True, False]
    assert list(rows["direction"]) == ["floor", "worse", "undecided"]
    assert list(rows["margin"].isna()) == [True, False, False]
    means = tables["summaries"]
    means = means[(means["metric"] == "wer") & (means["statistic"] == "mean")].set_index("with_floors")
    assert list(means.loc[True, "languages"]) == ["en", "de", "es"]
    assert list(means.loc[False, "languages"]) == ["de", "es"]
    assert means.loc[True, "value"] == pytest.approx(rows["delta"].mean())
    assert means.loc[False, "value"] == pytest.approx(rows["delta"][["de", "es"]].mean())


def looping() -> Errors:
    """Where capping removes a mark, with loops and without; where it brings one about; where it changes nothing."""
    words = np.array(lengths())
    short = np.where(words == 3, words, np.minimum(draw(0.2, 3), words - 1))
    longer = np.where(words == 3, words + 4 + np.arange(CLIPS) % 3, np.minimum(draw(0.2, 4), words - 1))
    one = np.array(draw(0.2, 5))
    one[7] = 900
    worse = np.array(draw(0.5, 6))
    worse[7] = 30
    sides = {"en": (short, longer), "de": (short, longer), "es": (one, np.array(draw(0.5, 7)))}
    sides |= {"fr": (np.array(draw(0.2, 8)), worse)}
    return {name: (control.tolist(), arm.tolist()) for name, (control, arm) in sides.items()}


def test_loop_driven_is_a_mark_that_capping_would_change(tmp_path: Path) -> None:
    """English loops and loses its mark; German does by the same errors without a loop; a control's loop hides
    Spanish's; French is marked with its loop and without.
    """
    errors, loops = looping(), {("plain", "es"), ("mla", "en"), ("mla", "fr")}
    decodes = [
        decoded(arm, language, errors[language][number], loop=(arm, language) in loops)
        for language in errors
        for number, arm in enumerate(("plain", "mla"))
    ]
    rows = primary_rows(stored_tables(make_suite(ARMS, list(errors)), decodes, tmp_path))
    by_side = {(side["arm"].iloc[0], side["language"].iloc[0]): side for side in decodes}
    for language, row in rows.iterrows():
        ours, theirs = (speaker_sums(by_side[arm, language], "wer", capped=True) for arm in ("mla", "plain"))
        sums = np.column_stack([ours[:, 0], theirs])
        capped = bootstrap(sums, lambda total: (total[0] - total[1]) / total[2], draws(language, len(ours), 1000))
        assert row["capped_delta"] == pytest.approx(100 * capped.estimate)
        assert [row["capped_low"], row["capped_high"]] == pytest.approx([100 * x for x in capped.interval(0.05)])
        assert row["capped_p"] == pytest.approx(capped.p)
    assert list(rows["loops"] + rows["control_loops"] > 0) == [True, False, True, True]
    assert marked(rows["p"], "holm") == [True, True, False, True]
    assert marked(rows["capped_p"], "holm") == [False, False, True, True]
    assert list(rows["runaways"]) == [sum(map(gt, errors[name][1], lengths())) for name in errors]
    assert list(rows["control_runaways"]) == [0, 0, 1, 0]
    assert list(rows["loop_driven"]) == [True, True, True, False]


def test_unreadable_clips_leave_both_arms_and_truncated_ones_are_counted(tmp_path: Path) -> None:
    control, arm = (decoded(name, "en", draw(rate, 9, rate > 0.3)) for name, rate in (("plain", 0.2), ("mla", 0.4)))
    arm.loc[[3, 4], ["audio_status", "hypothesis"]] = ["unreadable", ""]
    for rows in (control, arm):
        rows.loc[[10, 11, 12], "audio_status"] = "truncated"
    row = primary_rows(stored_tables(make_suite(ARMS, ["en"]), [control, arm], tmp_path)).loc["en"]
    assert [row["clips"], row["unreadable"], row["truncated"]] == [CLIPS - 2, 2, 3]
    ours, theirs = (speaker_sums(rows.drop(index=[3, 4]), "wer").sum(axis=0) for rows in (arm, control))
    assert [row["errors"], row["length"], row["control_errors"]] == [*ours, theirs[0]]
    assert row["delta"] == pytest.approx(100 * (ours[0] - theirs[0]) / ours[1])


def test_a_few_clips_that_carry_a_cost_are_shown(tmp_path: Path) -> None:
    """Of 300 clips the worst hundredth is three, which carry 30 of the 40 errors more; one clip improved."""
    before, after = [1] * 300, [1] * 300
    for clip, more in {5: 12, 90: 10, 200: 8, 7: 3, 8: 3, 9: 3, 10: 2, 11: -1}.items():
        after[clip] += more
    decodes = [decoded("plain", "en", before), decoded("mla", "en", after)]
    row = primary_rows(stored_tables(make_suite(ARMS, ["en"]), decodes, tmp_path)).loc["en"]
    assert row["top_share"] == pytest.approx(100 * 30 / 40)
    assert [row["changed"], row["worsened"], row["improved"]] == pytest.approx([100 * n / 300 for n in (8, 7, 1)])
