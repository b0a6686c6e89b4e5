"""The paragraph under every table that says how to read it."""

from bench.suite import Suite


def write_legend(suite: Suite) -> str:
    """As short as it can be while every mark in the table is explained."""
    statistics = suite.statistics
    margin = (
        f"Verdict: the direction is the mark's; within or beyond {statistics.margin} is read off the 90 % interval, "
        "each language alone. "
        if statistics.margin is not None
        else "Verdict: the direction is the mark's; no margin was declared. "
    )
    return (
        f"{_before_training(suite)}"
        "cost: this arm minus its control, in points of WER (of CER where it says so). Interval: 95 %, paired "
        "bootstrap over speakers (over clips where speakers are not known), unadjusted; it covers other speakers and "
        "clips, not training again. "
        f"✱: p <= 0.05 after Holm's correction over the {len(suite.languages)} languages; (ns): not, and MDE is the "
        "cost that would bear the mark with 80 % chance (n/a where too few speakers "
        "differ); †: another method disagrees; floor: the control's own WER is "
        f"above {statistics.floor.wer:g} (CER above {statistics.floor.cer:g} where that is the cost), so no mark. "
        f"{margin}"
        "Relative: of the control's errors. Sub / del / ins: the cost by kind of edit. Changed, better, worse: "
        "transcripts. Top 1 %: the share of the cost that the most affected hundredth of the clips carries. NLL z: the "
        "references' negative log-likelihood, paired, where recorded (above 0 is worse): more sensitive, but of "
        "another quantity. "
        "Loop: a phrase repeated four times or more that covers half of a hypothesis, or one that never ends."
    )


def _before_training(suite: Suite) -> str:
    if not any(arm.start for arm in suite.arms):
        return ""
    return (
        "zero-shot cost: what conversion did before any training (the arm's start minus the control's). recovered "
        "cost: what is left after both were trained identically. "
    )
