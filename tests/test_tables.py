"""The tables beside the comparisons, from hand-made decodes: slices, seeds, summaries, the second normaliser."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.comparing import Results, compare_suite
from bench.reporting.tables.costs import render_table
from bench.store import Store
from bench.suite import Suite, load_suite
from tests.flat import Frames
from tests.manifests import with_arm
from tests.test_compare import SUITE, fill, make_decodes

RATES = {"control": 0.1, "converted": 0.3}


def make_suite(folder: Path, extra: str = "", arms: str = "") -> Suite:
    text = SUITE
    if arms:
        start = text.index("arms = ")
        text = text[:start] + f"arms = [{arms}]" + text[text.index("\n", start) :]
    (folder / "s.toml").write_text(text + extra, encoding="utf-8")
    return load_suite(str(folder / "s.toml"))


def compare(suite: Suite, folder: Path, decodes: dict[tuple[str, str], pd.DataFrame], **entry: Any) -> Results:
    store = Store(folder / "r")
    fill(store, suite, decodes)
    manifest = store.read_manifest()
    for arm_id, changes in entry.items():
        manifest = with_arm(manifest, arm_id.replace("_", "#"), **changes)
    store.write_manifest(manifest)
    return compare_suite(suite, store)


def both(change: Any = None) -> dict[tuple[str, str], pd.DataFrame]:
    decodes = {(arm, code): make_decodes(arm, code, rate) for arm, rate in RATES.items() for code in ("en", "th")}
    for rows in decodes.values():
        if change:
            change(rows)
    return decodes


def test_slices_by_length_and_by_traits(tmp_path: Path) -> None:
    def name_traits(rows: pd.DataFrame) -> None:
        rows["gender"] = ["female" if int(name[1:]) % 3 else "" for name in rows["speaker_id"]]
        rows["age"] = ["twenties" if int(name[1:]) % 2 else "fifties" for name in rows["speaker_id"]]

    suite = make_suite(tmp_path)
    results = compare(suite, tmp_path, both(name_traits))
    tables = Frames.of(results)
    slices = tables.slices[tables.slices["language"] == "en"]
    assert set(slices["slice"]) == {"length", "age"}  # one gender alone is no slice
    comparisons = tables.comparisons.set_index(["arm", "language", "metric"])
    whole = comparisons.loc[("converted", "en", "wer")]
    for kind in ("length", "age"):
        parts = slices[slices["slice"] == kind]
        assert parts["clips"].sum() == 60
    lengths = slices[slices["slice"] == "length"]
    assert 3 <= len(lengths) <= 4
    fifties = slices[slices["value"] == "fifties"].iloc[0]
    assert fifties["speakers"] == 6
    assert fifties["low"] < fifties["delta"] < fifties["high"]
    rates = slices[slices["slice"] == "age"]
    assert rates["rate"].min() <= whole["rate"] <= rates["rate"].max()
    assert (tables.slices["p_bh"] >= tables.slices["p"]).all()
    assert "slices (reference length in quartiles" in render_table(suite, results)


def test_a_slice_of_everyone_is_the_cost_itself(tmp_path: Path) -> None:
    suite = make_suite(tmp_path)
    decodes = both()
    for rows in decodes.values():
        rows["reference"] = "one two three"
    results = compare(suite, tmp_path, decodes)
    tables = Frames.of(results)
    english = tables.slices[tables.slices["language"] == "en"].iloc[0]
    row = tables.comparisons.set_index(["arm", "language", "metric"]).loc[("converted", "en", "wer")]
    assert english["value"] == "3-3"
    for column in ("delta", "low", "high", "p", "rate", "control_rate"):
        assert english[column] == row[column]


def test_training_seeds_are_paired_and_pooled(tmp_path: Path) -> None:
    arms = ", ".join(
        f'{{ name = "{name}", model = "m", seed = {seed}{control} }}'
        for seed in range(3)
        for name, control in (("control", ""), ("mla", ', control = "control"'))
    )
    suite = make_suite(tmp_path, arms=arms)
    decodes = {}
    for seed in range(3):
        for name, rate in (("control", 0.1), ("mla", 0.3)):
            for language in ("en", "th"):
                rows = make_decodes(name + "x" * seed, language, rate)
                decodes[f"{name}#{seed}", language] = rows.assign(arm=name, seed=seed)
    results = compare(suite, tmp_path, decodes)
    tables = Frames.of(results)
    comparisons = tables.comparisons[(tables.comparisons["arm"] == "mla") & (tables.comparisons["language"] == "en")]
    of_words = comparisons[comparisons["metric"] == "wer"]
    assert list(of_words["control"]) == ["control#0", "control#1", "control#2"]
    pooled = tables.seeds.set_index(["arm", "language", "metric"]).loc[("mla", "en", "wer")]
    assert pooled["seeds"] == 3
    assert pooled["delta"] == pytest.approx(of_words["delta"].mean())
    assert pooled["low"] < pooled["delta"] < pooled["high"]
    text = render_table(suite, results)
    assert "## mla, 3 training seeds pooled" in text
    assert "The interval covers training again" in text


def test_the_second_normaliser_stands_beside_the_first(tmp_path: Path) -> None:
    def spell(rows: pd.DataFrame) -> None:
        rows["reference"] = rows["reference"].str.replace("two", "it's")

    extra = '[scoring]\nsensitivity = "whisper-basic"\n'
    suite = make_suite(tmp_path, extra)
    results = compare(suite, tmp_path, both(spell))
    tables = Frames.of(results)
    row = tables.comparisons.set_index(["arm", "language", "metric"]).loc[("converted", "en", "wer")]
    alone = make_suite(tmp_path, '[scoring]\nnormalizer = "whisper-basic"\n')
    other = Frames.of(compare(alone, tmp_path, both(spell))).comparisons.set_index(["arm", "language", "metric"])
    assert row["sensitivity_delta"] != row["delta"]
    for column in ("rate", "control_rate", "delta", "low", "high", "p"):
        assert row[f"sensitivity_{column}"] == other.loc[("converted", "en", "wer"), column]
    assert "|sensitivity:whisper-basic-1-" in results.signature
    assert "| under whisper-basic" in render_table(suite, results)


def test_trends_over_the_controls_sizes(tmp_path: Path) -> None:
    arms = ", ".join(
        f'{{ name = "{size}", model = "m" }}, '
        f'{{ name = "{size}-mla", model = "m", control = "{size}", family = "mla" }}'
        for size in ("s", "l")
    )
    suite = make_suite(tmp_path, arms=arms)
    rates = {"s": 0.1, "s-mla": 0.4, "l": 0.1, "l-mla": 0.2}
    decodes = {(arm, code): make_decodes(arm, code, rate) for arm, rate in rates.items() for code in ("en", "th")}
    results = compare(suite, tmp_path, decodes, s={"parameters": 1000}, l={"parameters": 4000})
    tables = Frames.of(results)
    medians = tables.summaries[tables.summaries["statistic"] == "median"]
    slopes = medians[medians["is_slope"]].set_index("metric")
    medians = medians[~medians["is_slope"]].set_index(["of", "metric"])["value"]
    expected = (medians["l-mla", "wer"] - medians["s-mla", "wer"]) / 2
    assert slopes.loc["wer", "value"] == pytest.approx(expected)
    assert slopes.loc["wer", "low"] < expected < slopes.loc["wer", "high"]
    assert "## mla: cost over model size, points a doubling of parameters" in render_table(suite, results)


def test_reference_likelihood_is_compared_as_a_companion(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    decodes = both()
    for (arm, _), rows in decodes.items():
        rows["nll"] = rng.normal(10 + (arm == "converted"), 0.5, len(rows))
        rows["nll_tokens"] = 5
    suite = make_suite(tmp_path)
    results = compare(suite, tmp_path, decodes)
    tables = Frames.of(results)
    row = tables.comparisons.set_index(["arm", "language", "metric"]).loc[("converted", "en", "wer")]
    assert row["nll_delta"] == pytest.approx(0.2, abs=0.05)
    assert row["nll_z"] > 8
    assert "| NLL z |" in render_table(suite, results)


def test_the_capped_cost_and_the_top_utterances(tmp_path: Path) -> None:
    decodes = both()
    for (arm, _), rows in decodes.items():
        rows["hypothesis"] = rows["reference"]
        if arm == "converted":
            rows.loc[7, "hypothesis"] = "five " * 500
    suite = make_suite(tmp_path)
    row = Frames.of(compare(suite, tmp_path, decodes)).comparisons.set_index(["arm", "language", "metric"])
    english = row.loc[("converted", "en", "wer")]
    words = decodes["control", "en"]["reference"].str.split().str.len()
    assert english["errors"] == 500
    assert english["capped_delta"] == pytest.approx(100 * words[7] / words.sum())
    assert english["loops"] == english["control_loops"] + 1
    assert english["top_share"] == 100.0
    assert english["changed"] == english["worsened"] == pytest.approx(100 / 60)
    assert not english["significant"]


def test_a_method_without_a_p_does_not_dissent(tmp_path: Path) -> None:
    """Every clip is worse by one word: MAPSSWE's segments are all alike, so that it has no z."""
    decodes = both()
    for (arm, _), rows in decodes.items():
        rows["reference"] = [" ".join(["one"] * (2 + i % 5)) for i in range(len(rows))]
        rows["hypothesis"] = rows["reference"] if arm == "control" else rows["reference"] + " five"
    row = Frames.of(compare(make_suite(tmp_path), tmp_path, decodes)).comparisons.set_index(
        ["arm", "language", "metric"]
    )
    english = row.loc[("converted", "en", "wer")]
    assert np.isnan(english["mapsswe_p"])
    assert (english["significant"], english["disagree"]) == (False, "percentile, sign-flip, clustered t")


def test_a_margin_is_not_shown_by_one_clip(tmp_path: Path) -> None:
    decodes = {key: rows.iloc[:1].assign(hypothesis=rows["reference"]) for key, rows in both().items()}
    suite = make_suite(tmp_path, "[statistics]\nmargin = 1.0\n")
    results = compare(suite, tmp_path, decodes)
    tables = Frames.of(results)
    assert set(tables.comparisons["margin"].dropna()) == {"undecided"}
    assert "| identical | 1" in " ".join(render_table(suite, results).split())


def test_identical_arms_cost_nothing(tmp_path: Path) -> None:
    decodes = both()
    for language in ("en", "th"):
        decodes["converted", language] = decodes["control", language].assign(arm="converted")
    suite = make_suite(tmp_path, "[statistics]\nmargin = 20.0\n")
    results = compare(suite, tmp_path, decodes)
    tables = Frames.of(results)
    for row in tables.comparisons[tables.comparisons["arm"] == "converted"].to_dict("records"):
        assert (row["delta"], row["low"], row["high"], row["p"], row["p_adjusted"]) == (0, 0, 0, 1, 1)
        assert (row["p_signflip"], row["p_clustered_t"], row["mapsswe_p"], row["relative_delta"]) == (1, 1, 1, 0)
        assert (row["direction"], row["margin"], row["disagree"]) == ("undecided", "within", "")
        assert np.isnan(row["mde"])
        share = 100 * (1 - 0.025 ** (1 / row["independent_clips"]))
        assert [row["bound_low"], row["bound_high"]] == pytest.approx([-share, share])
    shown = render_table(suite, results)
    assert f"+0.00 [−{share:.2f}, +{share:.2f}]°" in shown
    assert "| identical | " in " ".join(shown.split())
    assert "undecided" not in shown.split("\n\n")[2]
    narrower = compare(make_suite(tmp_path, "[statistics]\nmargin = 1.0\n"), tmp_path, decodes)
    assert {row.verdict.margin for row in narrower.comparisons} == {"undecided"}


def test_the_noise_floor_stands_beside_the_costs(tmp_path: Path) -> None:
    arms = '{ name = "control", model = "m" }, { name = "converted", model = "n", control = "control" }'
    arms += ', { name = "half", model = "m", dtype = "bfloat16", control = "control" }'
    suite = make_suite(tmp_path, arms=arms)
    rates = {"control": 0.1, "converted": 0.3, "half": 0.12}
    decodes = {(arm, code): make_decodes(arm, code, rate) for arm, rate in rates.items() for code in ("en", "th")}
    results = compare(suite, tmp_path, decodes)
    half = results.of("half")
    mean = half.summary("wer", "mean")
    farthest = max(half.clean.primary, key=lambda row: abs(row.delta.value))
    assert mean is not None
    text = render_table(suite, results)
    (line,) = (line for line in text.splitlines() if line.startswith("- noise floor, "))
    assert line.startswith("- noise floor, control itself decoded otherwise, without floor rows: half mean WER ")
    assert f"mean WER {mean.estimate.value:+.2f} [" in line.replace("−", "-")
    assert f"farthest {farthest.language} {farthest.delta.value:+.2f}" in line.replace("−", "-")
    assert text.index(line) < text.index("## half against control")
    assert "noise floor: what the control's own weights cost" in text.lower()
    assert "oise floor" not in render_table(make_suite(tmp_path), results)
