"""Published figures as text, each with its source; and what a published median is a median of."""

from collections.abc import Sequence

from bench.analysis.published import PublishedClaim, PublishedCost, medians_of
from bench.reporting.tables.card import CardRow, card_table
from bench.reporting.text.format import signed
from bench.reporting.text.markdown import markdown_table


def render_published(costs: Sequence[PublishedCost], claims: Sequence[PublishedClaim]) -> str:
    """A card's table for every model, its medians, and the single figures."""
    models = list(dict.fromkeys(cost.model for cost in costs))
    sections = [_card([cost for cost in costs if cost.model == model]) for model in models]
    header = ["family", "size", "what", "value", "as published", "source"]
    rows = [[c.family, c.size, _what(c), f"{c.value:g} {c.unit}", f"“{c.wording}”", c.source] for c in claims]
    parts = ["published: not measured here", *sections, "## Single figures", markdown_table(header, rows)]
    return "\n\n".join(parts) + "\n"


def _card(costs: Sequence[PublishedCost]) -> str:
    first = costs[0]
    about = f"{first.corpus}, {first.clips:,} clips a language, against an {first.control}; {first.source}"
    return "\n\n".join([f"## {first.model}", about, published_table("this model", costs), _medians(costs)])


def published_table(model: str, costs: Sequence[PublishedCost]) -> str:
    """A card's results, as cards that are made here have them."""
    marks = {"significant": "✱", "ns": "(ns)"}
    rows = [
        CardRow(cost.language, cost.wer, cost.cer, cost.metric, cost.cost, marks[cost.mark], cost.floor)
        for cost in costs
    ]
    return card_table(model, "", rows)


def _medians(costs: Sequence[PublishedCost]) -> str:
    medians, by_words = medians_of(costs), sum(cost.metric == "wer" for cost in costs)
    return (
        f"median cost over the {by_words} WER rows: {signed(medians.wer)} (floor rows among them; without, "
        f"{signed(medians.wer_without_floor)}); over all {len(costs)} rows, WER and CER mixed: "
        f"{signed(medians.everything)}"
    )


def _what(claim: PublishedClaim) -> str:
    return claim.statistic + (f", {claim.languages} languages" if claim.languages and claim.languages > 1 else "")
