"""The first three sentences of a card: what the model is and saves, what that costs, and who should take it."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import count_verdicts
from bench.comparing import ArmResults
from bench.reporting.card.cost_sentence import FEW, cost_sentence, number
from bench.reporting.card.origin import Origin, listed, origin_of
from bench.reporting.card.saving import SMALL, Saving, saving_of
from bench.reporting.text.format import rate
from bench.reporting.text.markdown import inline
from bench.suite import ArmSpec

UNMEASURED = "what it saves is not measured"


def opening_lines(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Three sentences, or two where nothing follows from them."""
    results, saving = records.results.of(arm), saving_of(records, arm)
    yield _made(records, arm, origin_of(records, arm), saving)
    yield cost_sentence(records, results)
    yield from _advice(records, arm, results, saving)


def _made(records: SuiteRecords, arm: ArmSpec, origin: Origin | None, saving: Saving | None) -> str:
    begin = _begin(records, arm, origin)
    if saving is not None:
        return f"{begin}: {saving.told}."
    if records.suite.is_noise_floor(arm):
        return f"{begin}."
    return f"{begin}: {_unmeasured(origin)}."


def _begin(records: SuiteRecords, arm: ArmSpec, origin: Origin | None) -> str:
    if origin is not None:
        trained = ", then trained as its control was" if arm.start else ""
        return f"Converted from {inline(origin.base or 'a Whisper')}{trained}"
    if records.suite.is_noise_floor(arm):
        return f"The weights of {arm.control} itself, decoded in other arithmetic"
    control = records.suite.control_of(arm)
    if arm.kv is not None and control is not None and control.model == arm.model:
        return f"{arm.control} with its cache in 8 bits"
    return f"{arm.id}, held against {arm.control}"


def _unmeasured(origin: Origin | None) -> str:
    """What is known of the cache without a measurement."""
    if origin is None or origin.own is None:
        return UNMEASURED
    return f"decoder self-attention {origin.own}; what that saves of all that decoding caches is not measured"


def _advice(records: SuiteRecords, arm: ArmSpec, results: ArmResults, saving: Saving | None) -> Iterator[str]:
    """Nothing where what it saves is not known, or arm and control are one model that saves nothing."""
    if records.suite.is_noise_floor(arm) or (saving is None and origin_of(records, arm) is None):
        return
    if saving is not None and saving.change(saving.arm.positions) >= 0:
        yield f"It saves no cache: prefer {arm.control} unless you need it for another reason."
        return
    against = _against(results)
    otherwise = f"; prefer {arm.control} if {against}" if against else ""
    yield f"Prefer it if {_in_favour(saving)}{otherwise}."


def _in_favour(saving: Saving | None) -> str:
    if saving is None:
        return "a smaller cache is what you need"
    longest = saving.arm.positions
    if saving.typical is not None and saving.change(saving.typical) <= -2 * SMALL:
        return "the decode cache limits how much you decode at once"
    if saving.change(longest) <= -SMALL:
        less = rate(-saving.change(longest))
        return f"you decode long transcripts, many at once ({less} % less cache at {longest} tokens)"
    return "every byte counts"


def _against(results: ArmResults) -> str:
    """Languages that are worse; else what is not ruled out, if any transcript changed."""
    outcomes = count_verdicts(results)
    if len(outcomes.worse) > FEW:
        return f"you need any of the {number(len(outcomes.worse))} languages that are worse"
    if outcomes.worse:
        return f"you need {' or '.join(listed([language]) for language in outcomes.worse)}"
    is_open = set(outcomes.undecided) - set(outcomes.within)
    return "a loss that these clips cannot rule out would matter to you" if is_open else ""
