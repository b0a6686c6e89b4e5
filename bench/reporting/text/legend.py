"""How to read what is printed: under every table, and on the page; a term and what it means at a time."""

from dataclasses import dataclass

from bench.analysis.cautions import FEW_SPEAKERS
from bench.reporting.text.format import counted
from bench.suite import StatisticsSpec, Suite

COST = (
    "{minus}, in points of WER (of CER where it says so). Interval: paired bootstrap over speakers (over clips where "
    "speakers are not known; over speakers and sentences where several speakers read one), 95 %{level}; it covers "
    "other speakers and clips, not training again"
)
BOUNDED = (
    "too few speakers differ for the bootstrap; instead, what the capped cost (each clip's errors at most its length) "
    "is shown to lie between if one more clip had gone wholly wrong"
)
ANOTHER = (
    "In a language not measured: where its true cost lies with 95 %, these languages (floor rows left out) taken as a "
    "sample of their kind; a suite's are chosen, so it is said of languages like them. tau: standard deviation of true "
    "costs between languages; I²: the share of the variation between the costs here that is not the sampling of clips."
)
LOOP = (
    "Loop: a phrase repeated four times or more that covers half of a hypothesis, or a whole hypothesis that says one "
    "sentence twice, unless the reference does so too; or a hypothesis that never ends."
)
CAPPED = (
    "More errors than words: nothing bounds a clip's errors, so that a few clips can carry a cost; where there are "
    "such clips, it is also given with each clip's errors capped at its length. Loop-driven: so capped, the mark would "
    "be the other one. "
)
PARTS = {
    "relative": "of the control's errors",
    "sub / del / ins": "the cost by kind of edit",
    "changed, better, worse": "transcripts",
    "without one": "the cost without the speaker who raises it most, and who lowers it most",
    "top 1 %": "the share of the cost that the most affected hundredth of the clips carries",
    "NLL z": (
        "the references' negative log-likelihood, paired, where recorded (above 0 is worse): more sensitive, but of "
        "another quantity"
    ),
}
PAGE = {
    "relative": "of the control's errors",
    "utterances": (
        "texts as they are scored, after normalisation; more errors: of the converted arm than of its control, in "
        "words, or in characters where the cost is CER; control, converted: errors in per cent of the reference's "
        "units; flags: of the converted arm's text, loop or empty"
    ),
    "runaways": (
        "clips with more errors than words (than characters where the cost is CER); clips that could not be decoded "
        "are left out of every arm"
    ),
}
LEAST = f"at least: of fewer than {FEW_SPEAKERS} speakers, or with loops, the chance is lower"
Legend = dict[str, str]
"""What each term means, in the order in which a reader meets them."""


@dataclass(frozen=True)
class _Family:
    """Comparisons that are corrected together, in words.

    `minus`: what a cost is. `level`: of what the intervals are 95 %. `corrected`: how a p is; `margin`: how one against
    the margin is.
    """

    minus: str
    level: str
    corrected: str
    margin: str


def _languages(suite: Suite) -> _Family:
    return _Family(
        minus="this arm minus its control",
        level=" for all languages at once, so that it holds 0 exactly where there is no mark (each language alone: in "
        "table.csv)",
        corrected=f" after Holm's correction over the {counted(len(suite.languages), 'language')}",
        margin=", after Holm over the languages",
    )


def _pairs(control: str, count: int) -> _Family:
    """So many systems, each against the control."""
    minus, sure = f"this system minus {control}", "so that it holds 0 exactly where there is no mark"
    if count == 1:
        return _Family(minus, f", {sure}", ", each condition alone", "")
    pairs = counted(count, "pair")
    return _Family(
        minus=minus,
        level=f" for all {pairs} at once, {sure}",
        corrected=f" after Holm's correction over the {pairs}, each condition alone",
        margin=f", after Holm over the {pairs}",
    )


def write_legend(suite: Suite) -> str:
    """Explains the table, as short as it can be while every mark in the table is explained: a line a term."""
    legend = _before_training(suite) | _costs(suite) | _noise_floor(suite) | PARTS | _said(CAPPED, LOOP)
    return "\n".join(f"- {term}: {meaning}." for term, meaning in legend.items())


def page_legend(suite: Suite) -> Legend:
    """Explains what stands on the page."""
    return _costs(suite) | _noise_floor(suite) | PAGE | _said(LOOP)


def files_legend(control: str, systems: int, statistics: StatisticsSpec) -> Legend:
    """Explains what stands on the page of so many systems' files, each against the control's."""
    return _costs_of(_pairs(control, systems), statistics) | PAGE | _said(LOOP)


def _costs(suite: Suite) -> Legend:
    another = _said(ANOTHER) if len(suite.languages) > 1 else {}
    return _costs_of(_languages(suite), suite.statistics) | another


def _costs_of(family: _Family, statistics: StatisticsSpec) -> Legend:
    cost = COST.format(minus=family.minus, level=family.level)
    return {"cost": cost, "°": BOUNDED} | _marks(family, statistics) | _margin(family, statistics)


def _said(*sentences: str) -> Legend:
    """Of sentences that begin with their term."""
    terms = {}
    for sentence in sentences:
        term, meaning = sentence.strip().removesuffix(".").split(": ", 1)
        terms[term[0].lower() + term[1:]] = meaning
    return terms


def _marks(family: _Family, statistics: StatisticsSpec) -> Legend:
    floor = statistics.floor
    return {
        "✱": f"p <= 0.05{family.corrected}",
        "(ns)": (
            f"not, and MDE is the cost that would bear the mark with 80 % chance ({LEAST}; with °, the largest that is "
            "not ruled out)"
        ),
        "(on the line)": "more resamples might say ✱ or (ns), so it is neither",
        "†": "another method disagrees",
        "floor": (
            f"the control's own WER is above {floor.wer:g} (CER above {floor.cer:g} where that is the cost), so no mark"
        ),
    }


def _margin(family: _Family, statistics: StatisticsSpec) -> Legend:
    margin = statistics.margin
    if margin is None:
        return {"verdict": "the direction is the mark's; no margin was declared"}
    return {
        "verdict": (
            f"the direction is the mark's; not worse by more than {margin}: the capped cost is shown to be less, "
            f"beyond {margin}: more, each at 5 %, one-sided{family.margin}; runaways that nobody has seen are no part "
            "of it"
        )
    }


def _noise_floor(suite: Suite) -> Legend:
    if not any(map(suite.is_noise_floor, suite.arms)):
        return {}
    return {
        "noise floor": (
            "what the control's own weights cost when only the attention's implementation, the batch or the dtype is "
            "another; a cost no larger may be arithmetic's alone, and one at a margin's edge depends on it"
        )
    }


def _before_training(suite: Suite) -> Legend:
    if not any(arm.start for arm in suite.arms):
        return {}
    return {
        "zero-shot cost": "what conversion did before any training (the arm's start minus the control's)",
        "recovered cost": "what is left after both were trained identically",
    }
