"""What is said over languages, seeds, sizes and parts of a cell, read off the stored tables and recomputed slowly."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.corrections import CORRECTIONS, marked
from tests.slow import bootstrap, draws
from tests.stored import decoded, draw, lengths, make_suite, speaker_sums, stored_tables

LANGUAGES = ("en", "de", "es", "fr")
EXTRA = {"en": 0.18, "de": 0.08, "es": 0.05, "fr": 0.03}
ARMS = [
    {"name": name, "seed": seed, **({"control": "plain"} if name == "mla" else {})}
    for seed in (0, 1, 2)
    for name in ("plain", "mla")
]


def decode(arm: str, seed: int, language: str) -> pd.DataFrame:
    """French costs the most, and its controls are beyond the floor."""
    rate, cost = (0.5, 0.3) if language == "fr" else (0.2, EXTRA[language])
    if arm == "mla":
        rate += cost + 0.01 * (seed - 1)
    return decoded(f"{arm}#{seed}", language, draw(rate, 18, seed, arm == "mla", LANGUAGES.index(language)))


def test_seeds_are_pooled_and_corrected_over_languages(tmp_path: Path) -> None:
    """SE^2 of the seeds' mean difference over speakers, plus the variance of their deltas over 3; then Holm."""
    names = [(arm["name"], arm["seed"]) for arm in ARMS]
    suite = make_suite(ARMS, LANGUAGES, statistics={"floor": {"wer": 40.0}})
    decodes = (decode(*name, language) for name, language in product(names, LANGUAGES))
    seeds = stored_tables(suite, decodes, tmp_path)["seeds"]
    rows = seeds[(seeds["metric"] == "wer") & ~seeds["is_mean"]].set_index("language")
    for language, row in rows.iterrows():
        sides = {name: speaker_sums(decode(*name, str(language)), "wer") for name in names}
        differences = [sides["mla", seed][:, 0] - sides["plain", seed][:, 0] for seed in (0, 1, 2)]
        length = sides["plain", 0][:, 1]
        deltas = [difference.sum() / length.sum() for difference in differences]
        residuals = np.mean(differences, axis=0) - np.mean(deltas) * length
        of_speakers = 15 / 14 * (residuals**2).sum() / length.sum() ** 2
        of_seeds = np.var(deltas, ddof=1) / 3
        df = (of_speakers + of_seeds) ** 2 / (of_speakers**2 / 14 + of_seeds**2 / 2)
        assert row["delta"] == pytest.approx(100 * np.mean(deltas))
        assert row["standard_error"] == pytest.approx(100 * np.sqrt(of_speakers + of_seeds))
        t = np.mean(deltas) / np.sqrt(of_speakers + of_seeds)
        assert [row["df"], row["p"]] == pytest.approx([df, 2 * stats.t.sf(abs(t), df)])
    assert list(rows["p_adjusted"]) == pytest.approx(CORRECTIONS["holm"](list(rows["p"])))
    assert list(rows["floor"]) == [False, False, False, True]
    assert sum(marked(rows["p"], "none")) > sum(marked(rows["p"], "holm"))
    marks = marked(rows["p"], "holm")
    assert marks[-1]
    assert list(rows["significant"]) == [*marks[:-1], False]
    mean = seeds[(seeds["metric"] == "wer") & seeds["is_mean"]].iloc[0]
    assert list(mean["languages"]) == ["en", "de", "es"]
    assert mean["delta"] == pytest.approx(rows["delta"][["en", "de", "es"]].mean())
    assert mean["p_adjusted"] == mean["p"]


SIZES = {"s": 1_000, "m": 4_000, "l": 8_000}
COSTS = {"s": 0.3, "m": 0.2, "l": 0.05}


def of_size(name: str, language: str) -> pd.DataFrame:
    """One size's control, or its conversion, whose cost falls as sizes grow."""
    size, _, kind = name.partition("-")
    rate = 0.2 + (COSTS[size] + EXTRA[language] if kind else 0)
    return decoded(name, language, draw(rate, 7, list(SIZES).index(size), bool(kind), LANGUAGES.index(language)))


def test_medians_means_and_slopes_by_brute_force(tmp_path: Path) -> None:
    """Speakers are drawn anew in every language, and the same ones for every size."""
    names = [name for size in SIZES for name in (size, f"{size}-mla")]
    arms = [{"name": name, **({"control": name[0], "family": "mla"} if name.endswith("mla") else {})} for name in names]
    decodes = [of_size(name, language) for name, language in product(names, LANGUAGES)]
    table = stored_tables(make_suite(arms, LANGUAGES), decodes, tmp_path, SIZES)["summaries"]
    summaries = table.set_index(["of", "statistic", "is_slope"])
    deltas, resampled = {}, {}
    for size, language in product(SIZES, LANGUAGES):
        ours, theirs = (speaker_sums(of_size(name, language), "wer") for name in (f"{size}-mla", size))
        sums = np.column_stack([ours[:, 0], theirs])
        made = bootstrap(sums, lambda t: 100 * (t[0] - t[1]) / t[2], draws(language, len(sums), 1000))
        wider = np.sqrt(len(sums) / (len(sums) - 1))  # speakers drawn anew spread less than they do
        deltas[size, language] = made.estimate
        resampled[size, language] = made.estimate + wider * (np.array(made.resampled) - made.estimate)
    statistics: Mapping[str, Callable[..., np.ndarray]] = {"median": np.median, "mean": np.mean}
    for name, statistic in statistics.items():
        of_sizes = {size: statistic([deltas[size, language] for language in LANGUAGES]) for size in SIZES}
        drawn = {size: statistic([resampled[size, each] for each in LANGUAGES], axis=0) for size in SIZES}
        for size in SIZES:
            check(summaries.loc[(f"{size}-mla", name, False)], of_sizes[size], drawn[size])
        doublings = [np.log2(size) for size in SIZES.values()]
        slope = np.polyfit(doublings, list(of_sizes.values()), 1)[0]
        slopes = np.polyfit(doublings, np.stack(list(drawn.values())), 1)[0]
        check(summaries.loc[("mla", name, True)], slope, slopes)


def check(row: pd.Series, value: float, resampled: Sequence[float]) -> None:
    """A symmetric interval: half as wide as the 951st of 1,000 distances is long."""
    half = sorted(abs(np.array(resampled) - value))[int(np.ceil(0.95 * 1001)) - 1]
    assert [row["value"], row["low"], row["high"]] == pytest.approx([value, value - half, value + half])


def test_slices_are_quartiles_and_traits(tmp_path: Path) -> None:
    control, arm = (decoded(name, "en", draw(rate, 8, rate > 0.3)) for name, rate in (("plain", 0.2), ("mla", 0.4)))
    for rows in (control, arm):
        rows["gender"] = ["female" if int(name[1:]) % 3 else "male" for name in rows["speaker_id"]]
    arms = [{"name": "plain"}, {"name": "mla", "control": "plain"}]
    slices = stored_tables(make_suite(arms, ["en"]), [control, arm], tmp_path)["slices"]
    words = np.array(lengths())
    edges = sorted(words)[14], sorted(words)[29], sorted(words)[44]
    quartile = np.array([sum(length > edge for edge in edges) for length in words])
    parts = {f"{words[quartile == i].min()}-{words[quartile == i].max()}": quartile == i for i in range(4)}
    parts |= {value: (control["gender"] == value).to_numpy() for value in ("female", "male")}
    assert list(slices["value"]) == list(parts)
    for row, mask in zip(slices.to_dict("records"), parts.values(), strict=True):
        assert row["clips"] == mask.sum()
        sides = [speaker_sums(rows[mask], "wer").sum(axis=0) for rows in (arm, control)]
        rates = [100 * errors / length for errors, length in sides]
        assert [row["rate"], row["control_rate"], row["delta"]] == pytest.approx([*rates, rates[0] - rates[1]])


def test_the_second_normaliser_counts_for_itself(tmp_path: Path) -> None:
    """The first one minds capitals, which only the converted arm puts; the second one does not."""
    control, arm = (decoded(name, "en", draw(rate, 9, rate > 0.3)) for name, rate in (("plain", 0.2), ("mla", 0.4)))
    small = [speaker_sums(rows, "wer") for rows in (arm, control)]
    arm["hypothesis"] = [text.title() if i % 2 else text for i, text in enumerate(arm["hypothesis"])]
    scoring = {"normalizer": "none", "sensitivity": "multilingual"}
    arms = [{"name": "plain"}, {"name": "mla", "control": "plain"}]
    table = stored_tables(make_suite(arms, ["en"], scoring=scoring), [control, arm], tmp_path)["comparisons"]
    row = table[(table["arm"] == "mla") & (table["metric"] == "wer")].iloc[0]
    for prefix, ours, theirs in (("", speaker_sums(arm, "wer"), small[1]), ("sensitivity_", *small)):
        sums = np.column_stack([ours[:, 0], theirs])
        made = bootstrap(sums, lambda t: 100 * (t[0] - t[1]) / t[2], draws("en", len(sums), 1000))
        values = [row[f"{prefix}{name}"] for name in ("rate", "control_rate", "delta", "low", "high", "p")]
        rates = [100 * side[:, 0].sum() / side[:, 1].sum() for side in (ours, theirs)]
        assert values == pytest.approx([*rates, made.estimate, *made.interval(0.05), made.p])
    assert row["delta"] > row["sensitivity_delta"] + 10


def test_training_and_conversion_alone(tmp_path: Path) -> None:
    """Training: the arm minus its start. Zero-shot: that start minus the start of the arm's control."""
    arms = [
        {"name": "base"},
        {"name": "cut"},
        {"name": "plain", "start": "base"},
        {"name": "mla", "control": "plain", "start": "cut"},
    ]
    rates = {"base": 0.3, "cut": 0.7, "plain": 0.2, "mla": 0.25}
    decodes = {name: decoded(name, "en", draw(rate, 10, i)) for i, (name, rate) in enumerate(rates.items())}
    tables = stored_tables(make_suite(arms, ["en"]), decodes.values(), tmp_path)
    totals = {name: speaker_sums(rows, "wer").sum(axis=0) for name, rows in decodes.items()}
    rate = {name: 100 * errors / length for name, (errors, length) in totals.items()}
    training = tables["training"].set_index(["arm", "kind"])["delta"]
    assert training["mla", "training"] == pytest.approx(rate["mla"] - rate["cut"])
    assert training["plain", "training"] == pytest.approx(rate["plain"] - rate["base"])
    assert training["mla", "zero-shot"] == pytest.approx(rate["cut"] - rate["base"])
    summaries = tables["summaries"].set_index(["quantity", "statistic"])["value"]
    assert summaries["zero-shot", "mean"] == pytest.approx(rate["cut"] - rate["base"])
    assert summaries["cost", "mean"] == pytest.approx(rate["mla"] - rate["plain"])
