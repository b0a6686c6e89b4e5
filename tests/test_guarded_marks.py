"""Marks and verdicts read off the stored tables, against corrections by another tool and costs recomputed slowly."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.corrections import CORRECTIONS, marked
from tests.slow import bootstrap, draws
from tests.stored import decoded, draw, make_suite, speaker_sums, stored_tables

LANGUAGES = ("en", "de", "es", "fr", "ru", "th")
EXTRA = dict(zip(LANGUAGES, (0.15, 0.10, 0.08, 0.07, 0.03, 0.06), strict=True))
"""How much more often the converted arms' words are wrong."""
CONDITIONS = ("clean", "phone", "room")
ARMS = [{"name": "plain"}, {"name": "other"}, {"name": "mla", "control": "plain"}, {"name": "cut", "control": "other"}]
BESIDE = {
    "percentile": "p_percentile",
    "sign-flip": "p_signflip",
    "clustered t": "p_clustered_t",
    "MAPSSWE": "mapsswe_p",
}


def decode(arm: str, language: str, condition: str) -> pd.DataFrame:
    """Drawn so that raw, Benjamini and Hochberg's and Holm's marks are of different languages in every family."""
    names = [each["name"] for each in ARMS]
    chosen = 11 if condition == "clean" and arm in ("plain", "mla") else 0
    rate = 0.2 + (EXTRA[language] if arm in ("mla", "cut") else 0)
    seed = (chosen, CONDITIONS.index(condition), LANGUAGES.index(language), names.index(arm))
    return decoded(arm, language, draw(rate, *seed), condition, letters=1 if language == "th" else 3)


@pytest.fixture(scope="module")
def comparisons(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Two arms, each with a control of its own, in six languages, clean and under two conditions."""
    conditions = [{"name": "clean"}, {"name": "phone", "kind": "telephony"}, {"name": "room", "kind": "far-field"}]
    suite = make_suite(ARMS, LANGUAGES, conditions=conditions)
    cells = product([each["name"] for each in ARMS], LANGUAGES, CONDITIONS)
    return stored_tables(suite, (decode(*cell) for cell in cells), tmp_path_factory.mktemp("marks"))["comparisons"]


def compared(comparisons: pd.DataFrame) -> pd.DataFrame:
    return comparisons[comparisons["control"].notna()]


def row_of(comparisons: pd.DataFrame, arm: str, language: str, metric: str) -> pd.Series:
    """Of clean speech."""
    keys = ["arm", "language", "condition", "metric"]
    return comparisons.set_index(keys).loc[arm, language, "clean", metric]


def test_every_family_is_corrected_by_its_own_rule(comparisons: pd.DataFrame) -> None:
    """Holm over the languages of an arm's clean cells, Benjamini and Hochberg over its grid of other cells."""
    rows = compared(comparisons)
    families = list(rows.groupby(["arm", "metric", rows["condition"] == "clean"]))
    assert [len(family) for _, family in families] == [12, 6] * 4
    for (_, metric, is_clean), family in families:
        marks = {method: marked(family["p"], method) for method in CORRECTIONS}
        if metric == "wer":
            assert sum(marks["none"]) > sum(marks["bh"]) > sum(marks["holm"]) > 0
        method = "holm" if is_clean else "bh"
        assert list(family["p_adjusted"]) == pytest.approx(CORRECTIONS[method](list(family["p"])))
        assert list(family["significant"]) == marks[method]
        signs = ["worse" if delta > 0 else "better" for delta in family["delta"]]
        words = [sign if mark else "undecided" for sign, mark in zip(signs, marks[method], strict=True)]
        assert list(family["direction"]) == words


def test_methods_dissent_after_the_same_correction(comparisons: pd.DataFrame) -> None:
    rows = compared(comparisons)
    of_raw = 0
    for (_, _, is_clean), family in rows.groupby(["arm", "metric", rows["condition"] == "clean"]):
        found = {}
        for method in ("none", "holm" if is_clean else "bh"):
            flags = {name: marked(family[column], method) for name, column in BESIDE.items()}
            mark = marked(family["p"], method)
            found[method] = [{name for name in flags if flags[name][i] != mark[i]} for i in range(len(family))]
        raw, expected = found.values()
        assert [set(names) for names in family["disagree"]] == expected
        of_raw += raw != expected
    assert of_raw


def test_the_metric_of_a_language_makes_its_cost(comparisons: pd.DataFrame) -> None:
    by_characters = comparisons["metric"] == "cer"
    assert (comparisons["primary"] == (by_characters == (comparisons["language"] == "th"))).all()


@pytest.mark.parametrize(
    ("arm", "control", "language", "metric"), [("mla", "plain", "de", "wer"), ("cut", "other", "th", "cer")]
)
def test_a_cost_by_brute_force(comparisons: pd.DataFrame, arm: str, control: str, language: str, metric: str) -> None:
    row = row_of(comparisons, arm, language, metric)
    ours, theirs = (speaker_sums(decode(name, language, "clean"), metric) for name in (arm, control))
    weights = draws(language, len(ours), 1000)
    sums = np.column_stack([ours[:, 0], theirs])
    delta = bootstrap(sums, lambda total: (total[0] - total[1]) / total[2], weights)
    rates = [100 * side[:, 0].sum() / side[:, 1].sum() for side in (ours, theirs)]
    assert [row["rate"], row["control_rate"]] == pytest.approx(rates)
    values = [row[name] / 100 for name in ("delta", "standard_error", "low", "high")]
    assert values == pytest.approx([delta.estimate, delta.standard_error, *delta.interval(0.05)])
    assert row["p"] == pytest.approx(delta.p)
    assert row["p_percentile"] == pytest.approx(delta.percentile_p, rel=0.06)  # a difference of zero may be rounded
    ends = np.quantile(delta.resampled, [0.025, 0.975])
    assert [row["percentile_low"], row["percentile_high"]] == pytest.approx(list(100 * ends))
    power = stats.norm.isf(0.2)
    limits = [(delta.critical(alpha) + power) * delta.standard_error for alpha in (0.05 / len(LANGUAGES), 0.05)]
    assert limits[0] > limits[1]
    assert [row["mde"], row["mde_alone"]] == pytest.approx([100 * limit for limit in limits])
    t = abs(delta.estimate / delta.standard_error)
    assert row["p_clustered_t"] == pytest.approx(2 * stats.t.sf(t, len(ours) - 1))
    ratio = bootstrap(sums, lambda total: np.log(total[0] / total[1]), weights)
    relative = [row[f"relative_{name}"] for name in ("delta", "low", "high")]
    assert relative == pytest.approx([100 * np.expm1(x) for x in (ratio.estimate, *ratio.interval(0.05))])
    own = bootstrap(ours, lambda total: total[0] / total[1], weights)
    assert [row["rate_low"], row["rate_high"]] == pytest.approx([100 * end for end in own.interval(0.05)])


def test_tests_beside_the_bootstrap_by_hand(comparisons: pd.DataFrame) -> None:
    """Words go wrong from the start of a clip, so that it is one segment of MAPSSWE if either arm errs in it."""
    row = row_of(comparisons, "mla", "ru", "wer")
    ours, theirs = (decode(name, "ru", "clean") for name in ("mla", "plain"))
    wrong = zip(wrong_words(ours), wrong_words(theirs), strict=True)
    segments = [of_ours - of_theirs for of_ours, of_theirs in wrong if of_ours or of_theirs]
    z = stats.ttest_1samp(segments, 0).statistic
    assert row["mapsswe_segments"] == len(segments)
    assert [row["mapsswe_mean"], row["mapsswe_z"]] == pytest.approx([np.mean(segments), z])
    assert row["mapsswe_p"] == pytest.approx(2 * stats.norm.sf(abs(z)))
    difference = speaker_sums(ours, "wer")[:, 0] - speaker_sums(theirs, "wer")[:, 0]
    signs = np.array(list(product([-1, 1], repeat=len(difference))))
    flipped = np.abs(signs @ difference) >= abs(difference.sum()) - 1e-9
    assert row["p_signflip"] == pytest.approx(flipped.mean())


def wrong_words(rows: pd.DataFrame) -> list[int]:
    pairs = zip(rows["reference"], rows["hypothesis"], strict=True)
    return [sum(a != b for a, b in zip(x.split(), y.split(), strict=True)) for x, y in pairs]
