"""Faults that tests must catch: edits of one place each, with the tests that are to fail. `nox -s mutants` makes them.

Where code moves, only the files and texts here move with it.
"""

from dataclasses import dataclass

COMPARING, STATS, REPORTING = "bench/comparing", "bench/stats", "bench/reporting"
VERDICTS, COSTS, CONTRASTS = f"{COMPARING}/verdicts.py", f"{COMPARING}/costs.py", f"{COMPARING}/contrasts.py"
CELLS, MAKING = f"{COMPARING}/cells.py", f"{COMPARING}/making_cells.py"
INTERACTIONS, THRESHOLDS = f"{COMPARING}/interactions.py", f"{COMPARING}/thresholds.py"
SEEDS, SLICES, PIPELINE = f"{COMPARING}/seeds.py", f"{COMPARING}/slices.py", f"{COMPARING}/pipeline.py"
SUMMARIES, CLIPS, TRAINING = f"{COMPARING}/summaries.py", f"{COMPARING}/clips.py", f"{COMPARING}/training.py"
RANKING = f"{COMPARING}/external/ranking.py"
BOOTSTRAP, RESAMPLING = f"{STATS}/bootstrap.py", f"{STATS}/resampling.py"
SUMS, RULES = f"{STATS}/sums.py", f"{STATS}/verdicts.py"

MARKS, JUDGED = "tests/test_guarded_marks.py", "tests/test_guarded_verdicts.py"
NOISE, OVERALL = "tests/test_guarded_noise.py", "tests/test_guarded_summaries.py"
FAMILIES = f"{MARKS}::test_every_family_is_corrected_by_its_own_rule"
DISSENT = f"{MARKS}::test_methods_dissent_after_the_same_correction"
COST, BESIDE = f"{MARKS}::test_a_cost_by_brute_force", f"{MARKS}::test_tests_beside_the_bootstrap_by_hand"
PRIMARY = f"{MARKS}::test_the_metric_of_a_language_makes_its_cost"
MARGIN = f"{JUDGED}::test_a_margin_is_held_against_the_capped_cost_after_holm"
BOUND = f"{JUDGED}::test_bounds_are_of_capped_errors_by_hand"
FLOOR = f"{JUDGED}::test_a_floor_is_the_controls_and_bears_no_mark"
LOOPS = f"{JUDGED}::test_loop_driven_is_a_mark_that_capping_would_change"
READABLE = f"{JUDGED}::test_unreadable_clips_leave_both_arms_and_truncated_ones_are_counted"
CHANGES = f"{JUDGED}::test_a_few_clips_that_carry_a_cost_are_shown"
MORE = f"{NOISE}::test_hurting_more_is_said_where_both_scales_say_it"
GRIDS = f"{NOISE}::test_each_arm_is_an_exploratory_grid_of_its_own"
INTERACTION, THRESHOLD = f"{NOISE}::test_an_interaction_by_brute_force", f"{NOISE}::test_a_threshold_by_brute_force"
EXCESS = f"{NOISE}::test_summaries_of_an_excess_leave_floors_out"
POOLED = f"{OVERALL}::test_seeds_are_pooled_and_corrected_over_languages"
AVERAGES = f"{OVERALL}::test_medians_means_and_slopes_by_brute_force"
PARTS = f"{OVERALL}::test_slices_are_quartiles_and_traits"
SECOND = f"{OVERALL}::test_the_second_normaliser_counts_for_itself"
START = f"{OVERALL}::test_training_and_conversion_alone"
FALLING = "tests/test_noise_statistics.py::test_curves_fall_and_are_the_nearest_that_do"
COARSE = "tests/test_noise_statistics.py::test_rungs_too_far_apart_give_no_shift"
PLANNED = "tests/test_statistics.py::test_the_planned_standard_error_is_the_one_that_corpora_have"
PRINTED = "tests/test_reporting.py"
CROSSED = "tests/test_crossed.py::test_repeated_sentences_are_found_in_a_comparison"
MATCHING = "tests/test_matching.py::test_zero_lies_outside_the_printed_interval_exactly_where_there_is_a_mark"
SETTLED = "tests/test_matching.py::test_another_seed_sets_the_same_marks"
RANKS = "tests/test_several.py::test_ranks_of_all_pairs_count_who_is_better"
GROUPS = "tests/test_several.py::test_ranks_against_a_control_are_groups"
ANOTHER, NEW = "tests/test_new_language.py", f"{COMPARING}/new_language.py"


@dataclass(frozen=True)
class Mutant:
    """A fault by its name: `old`, which stands once in the file, replaced by `new`; one of the tests must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = (
    Mutant(
        "mark-uncorrected",
        VERDICTS,
        "adjusted = adjust([comparison.tests.p for comparison in family])\n    marked",
        "adjusted = [comparison.tests.p for comparison in family]\n    marked",
        FAMILIES,
    ),
    Mutant("p-adjusted-is-raw", VERDICTS, "p_adjusted=adjusted[i]", "p_adjusted=comparison.tests.p", FAMILIES),
    Mutant("floor-marked", VERDICTS, "significant=marked[i] and not comparison.floor", "significant=marked[i]", FLOOR),
    Mutant("loop-driven-inverted", VERDICTS, "and capped[i] != marked[i]", "and capped[i] == marked[i]", LOOPS),
    Mutant(
        "runaways-of-the-arm-alone",
        f"{COMPARING}/comparison.py",
        "runaways + self.control_result.runaways > 0",
        "runaways > 0",
        LOOPS,
    ),
    Mutant(
        "within-uncorrected",
        VERDICTS,
        "within = adjust([comparison.bounds.p_within for comparison in family])",
        "within = [comparison.bounds.p_within for comparison in family]",
        MARGIN,
    ),
    Mutant(
        "beyond-uncorrected",
        VERDICTS,
        "beyond = adjust([comparison.bounds.p_beyond for comparison in family])",
        "beyond = [comparison.bounds.p_beyond for comparison in family]",
        MARGIN,
    ),
    Mutant("margin-of-the-raw-cost", COSTS, 'draws.bound(contrast.sums["capped"])', "draws.bound(sums)", BOUND),
    Mutant(
        "mde-not-at-holms-first-step",
        COSTS,
        "_detectable(delta, ALPHA / protocol.languages)",
        "_detectable(delta, ALPHA)",
        COST,
    ),
    Mutant("capped-p-is-raw", COSTS, 'capped_p=contrast.deltas["capped"].p', "capped_p=delta.p", LOOPS),
    Mutant(
        "capped-flag-of-raw-p", VERDICTS, "adjust([comparison.capped_p for", "adjust([comparison.tests.p for", LOOPS
    ),
    Mutant(
        "difference-added",
        INTERACTIONS,
        "[1, 0, 0], [-1, 0, 0]",
        "[-1, 0, 0], [1, 0, 0]",
        INTERACTION,
    ),
    Mutant("ratio-multiplied", INTERACTIONS, "(1, -1, -1, 1)", "(1, -1, 1, -1)", INTERACTION),
    Mutant(
        "hurts-more-on-either-scale",
        RULES,
        "np.maximum(p_difference, p_ratio)",
        "np.minimum(p_difference, p_ratio)",
        MORE,
    ),
    Mutant("hurts-more-in-points-alone", RULES, "np.maximum(p_difference, p_ratio)", "p_difference", MORE),
    Mutant("hurts-more-by-the-ratio-alone", RULES, "np.maximum(p_difference, p_ratio)", "p_ratio", MORE),
    Mutant("hurts-more-whatever-the-sign", BOOTSTRAP, " if self.estimate > 0 else 1 - self.p / 2", "", MORE),
    Mutant("hurts-more-two-sided", BOOTSTRAP, "self.p / 2 if self.estimate", "self.p if self.estimate", MORE),
    Mutant(
        "hurts-more-uncorrected", INTERACTIONS, "is_significant(p) and", "is_significant(interaction.p_more) and", MORE
    ),
    Mutant(
        "hurts-more-on-a-floor", INTERACTIONS, "is_significant(p) and not interaction.floor", "is_significant(p)", MORE
    ),
    Mutant(
        "grid-of-all-arms", INTERACTIONS, "[(interaction.arm, interaction.metric) for", "[interaction.metric for", GRIDS
    ),
    Mutant(
        "grid-of-all-seeds",
        INTERACTIONS,
        "[(interaction.arm, interaction.metric) for",
        "[(interaction.arm.name, interaction.metric) for",
        GRIDS,
    ),
    Mutant("thresholds-of-all-arms", THRESHOLDS, "[threshold.arm for", "[0 for", GRIDS),
    Mutant("slices-of-all-arms", SLICES, "within([part.arm for", "within([part.condition for", GRIDS),
    Mutant("holm-over-noisy-cells", PIPELINE, "HOLM if is_clean else BENJAMINI_HOCHBERG", "HOLM", FAMILIES),
    Mutant("bh-over-clean-cells", PIPELINE, "HOLM if is_clean else BENJAMINI_HOCHBERG", "BENJAMINI_HOCHBERG", FAMILIES),
    Mutant(
        "holm-over-interactions", INTERACTIONS, "    benjamini_hochberg,\n", "    holm as benjamini_hochberg,\n", GRIDS
    ),
    Mutant("one-family-of-all-cells", PIPELINE, "row.condition == CLEAN), [])", "True), [])", FAMILIES),
    Mutant(
        "dissent-by-raw-p",
        VERDICTS,
        "for p in correction.adjust([of_cell[method] for of_cell in beside])]",
        "for p in [of_cell[method] for of_cell in beside]]",
        DISSENT,
    ),
    Mutant("sentences-ignored", SUMS, "return (sentence, pair) if is_crossed else None", "return None", CROSSED),
    Mutant("pairs-not-taken-off", SUMS, "one_way + sentences - pairs", "one_way + sentences", CROSSED),
    Mutant("degrees-of-speakers-alone", SUMS, "min(len(self.clusters), len(", "max(len(self.clusters), len(", CROSSED),
    Mutant("plain-interval-beside-the-mark", VERDICTS, "delta.interval(level)", "delta.interval(0.05)", MATCHING),
    Mutant(
        "never-raised",
        f"{COMPARING}/settling.py",
        "NEAR, ON_THE_LINE = 5.0, 4.0",
        "NEAR, ON_THE_LINE = 0.0, 0.0",
        SETTLED,
    ),
    Mutant("direction-reversed", RULES, '"worse" if delta > 0', '"worse" if delta < 0', FAMILIES),
    Mutant("within-and-beyond-swapped", RULES, "if is_significant(p_within)", "if is_significant(p_beyond)", MARGIN),
    Mutant("percentile-p-one-sided", BOOTSTRAP, "min(1.0, 2 * (1 + beyond)", "min(1.0, (1 + beyond)", COST),
    Mutant("unstudentised", RESAMPLING, "np.sqrt(small * squares)\n    t[", "errors[0] / total\n    t[", COST),
    Mutant(
        "p-without-the-original",
        BOOTSTRAP,
        "return (1 + exceeding) / (len(self.t) + 1)",
        "return exceeding / len(self.t)",
        COST,
    ),
    Mutant(
        "interval-of-one-side",
        BOOTSTRAP,
        "np.ceil((1 - alpha) * (len(self.t) + 1))",
        "np.ceil((1 - alpha / 2) * (len(self.t) + 1))",
        COST,
    ),
    Mutant(
        "delta-reversed", SUMS, "return self.converted - self.control", "return self.control - self.converted", COST
    ),
    Mutant("standard-error-of-all-groups", SUMS, "float(units / (units - 1) * squares)", "float(squares)", COST),
    Mutant("clips-resampled", MAKING, '"utterance_id" if unit == UTTERANCE else "speaker_id"', '"utterance_id"', COST),
    Mutant(
        "resamples-of-every-condition",
        CELLS,
        "self.drawn[clusters] = cell.weights(self.protocol)\n        return",
        "pass\n        return resample_weights(clusters, self.protocol.resamples, np.random.default_rng("
        "len(cell.condition)))  #",
        INTERACTION,
    ),
    Mutant("same-resamples-for-all-languages", CELLS, "\\0{language}\\0", "\\0\\0", COST),
    Mutant("clustered-t-of-g", f"{STATS}/significance.py", "sums.freedom)", "sums.freedom + 1)", COST),
    Mutant(
        "sign-flip-one-sided",
        f"{STATS}/significance.py",
        "(np.abs(_all_signs(len(differing)) @ differing) >= observed)",
        "(_all_signs(len(differing)) @ differing >= observed)",
        BESIDE,
    ),
    Mutant(
        "mapsswe-reversed",
        f"{STATS}/mapsswe.py",
        "(ours.errors - theirs.errors)",
        "(theirs.errors - ours.errors)",
        BESIDE,
    ),
    Mutant("power-of-a-half", f"{STATS}/power.py", "POWER = 0.8", "POWER = 0.5", COST),
    Mutant("relative-to-the-converted", COSTS, "converted / control - 1", "1 - control / converted", COST),
    Mutant(
        "second-normaliser-is-the-first", CONTRASTS, 'metric, "errors", cell.sensitivity)', 'metric, "errors")', SECOND
    ),
    Mutant("runaway-at-its-length", CLIPS, "self.errors > self.length", "self.errors >= self.length", LOOPS),
    Mutant(
        "capped-at-twice-the-length",
        CLIPS,
        "np.minimum(self.errors, self.length)",
        "np.minimum(self.errors, 2 * self.length)",
        LOOPS,
    ),
    Mutant(
        "insertions-forgotten",
        CLIPS,
        "self.substitutions + self.deletions + self.insertions",
        "self.substitutions + self.deletions",
        LOOPS,
    ),
    Mutant("top-tenth", f"{COMPARING}/changes.py", "TOP_SHARE = 0.01", "TOP_SHARE = 0.1", CHANGES),
    Mutant(
        "improved-is-worsened",
        f"{COMPARING}/changes.py",
        "improved=100 * float((difference < 0)",
        "improved=100 * float((difference > 0)",
        CHANGES,
    ),
    Mutant(
        "quintiles", SLICES, "np.arange(1, QUARTILES) / QUARTILES", "np.arange(1, QUARTILES) / (QUARTILES + 1)", PARTS
    ),
    Mutant(
        "floor-of-the-arm",
        COSTS,
        "protocol.is_floor(control_result.rate, metric)",
        "protocol.is_floor(measured.result.rate, metric)",
        FLOOR,
    ),
    Mutant(
        "unreadable-kept",
        MAKING,
        'return rows[~rows["utterance_id"].isin(unreadable)].sort_values',
        "return rows.sort_values",
        READABLE,
    ),
    Mutant(
        "truncated-miscounted", CELLS, '["audio_status"] == "truncated"', '["audio_status"] != "truncated"', READABLE
    ),
    Mutant(
        "seeds-uncorrected",
        SEEDS,
        "for cost, p in zip(costs, adjusted, strict=True)",
        "for cost, p in zip(costs, [cost.p for cost in costs], strict=True)",
        POOLED,
    ),
    Mutant("seeds-alike", f"{STATS}/seeds.py", "np.sqrt(parts.sum() + of_seeds)", "np.sqrt(parts.sum())", POOLED),
    Mutant(
        "seeds-marked-on-a-floor",
        SEEDS,
        "marked = is_significant(p) and not cost.floor",
        "marked = is_significant(p)",
        POOLED,
    ),
    Mutant(
        "mean-of-seeds-with-floors",
        SEEDS,
        "protocol.primary(language) == metric and (name, metric, language, condition) not in floors",
        "protocol.primary(language) == metric",
        POOLED,
    ),
    Mutant(
        "seeds-of-normal-tails",
        f"{STATS}/seeds.py",
        "2 * t_sf(abs(delta) / se, df)",
        "2 * t_sf(abs(delta) / se, 1e9)",
        POOLED,
    ),
    Mutant(
        "slope-per-tenfold",
        f"{STATS}/summaries.py",
        "np.log2(sizes) - np.log2(sizes).mean()",
        "np.log10(sizes) - np.log10(sizes).mean()",
        AVERAGES,
    ),
    Mutant("median-is-mean", f"{STATS}/summaries.py", "np.median(deltas, axis=0)", "np.mean(deltas, axis=0)", AVERAGES),
    Mutant("without-floors-has-floors", SUMMARIES, "yield False, usable", "yield False, costs", FLOOR),
    Mutant("new-language-from-floors", NEW, "for row in rows if not row.floor]", "for row in rows]", ANOTHER),
    Mutant(
        "unchanged-for-sure", NEW, "        return own\n", "        return own\n    return max(own, 1e-3)\n", ANOTHER
    ),
    Mutant("new-language-capped", NEW, "row.capped if capped else row.delta", "row.delta", ANOTHER),
    Mutant(
        "knapp-hartung-shrinks", f"{STATS}/heterogeneity.py", "max(1.0, fitted.scale", "max(0.0, fitted.scale", ANOTHER
    ),
    Mutant(
        "excess-is-cost",
        PIPELINE,
        'collected.excess, parameters, "more than clean"',
        'collected.deltas, parameters, "more than clean"',
        EXCESS,
    ),
    Mutant(
        "zero-shot-against-the-trained-control", TRAINING, "protocol.starts.get(control.id, control)", "control", START
    ),
    Mutant("at-the-clean-rate", THRESHOLDS, "SAME_RATE = 2.0", "SAME_RATE = 1.0", THRESHOLD),
    Mutant(
        "shift-reversed",
        f"{STATS}/ladder.py",
        "np.subtract(reached[1], reached[0],",
        "np.subtract(reached[0], reached[1],",
        THRESHOLD,
    ),
    Mutant(
        "not-made-to-fall",
        f"{STATS}/ladder.py",
        "(np.diff(rates, axis=1) > 0)",
        "(np.diff(rates, axis=1) > 999)",
        FALLING,
    ),
    Mutant("coarse-rungs-allowed", f"{STATS}/ladder.py", "- rungs[0] > COARSEST", "- rungs[0] > 999", COARSE),
    Mutant("rungs-of-five-decibels-refused", f"{STATS}/ladder.py", "> COARSEST", ">= COARSEST", COARSE),
    Mutant("clips-planned-as-independent", f"{STATS}/design.py", "1 + (clips - 1) * icc", "1.0", PLANNED),
    Mutant(
        "words-make-every-cost",
        f"{COMPARING}/protocol.py",
        '"cer" if language in self.scoring.cer_primary else "wer"',
        '"wer"',
        PRIMARY,
    ),
    Mutant(
        "star-for-none",
        f"{REPORTING}/text/format.py",
        '"✱" if comparison.verdict.significant else',
        '"✱" if not comparison.verdict.significant else',
        PRINTED,
    ),
    Mutant(
        "dagger-flag-reversed",
        f"{REPORTING}/tables/notes.py",
        '"not significant" if is_significant(row.verdict.p_adjusted) else "significant"',
        '"significant" if is_significant(row.verdict.p_adjusted) else "not significant"',
        PRINTED,
    ),
    Mutant(
        "rank-uncorrected",
        RANKING,
        "is_significant(row.verdict.p_adjusted)",
        "is_significant(row.tests.p)",
        RANKS,
    ),
    Mutant("groups-upside-down", RANKING, "other < groups[name]", "other > groups[name]", GROUPS),
)
