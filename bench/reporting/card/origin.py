"""What an arm was converted from, and how: from what was recorded of it, or from the word that names it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bench.analysis.suite_records import SuiteRecords
from bench.calibrated_languages import CalibratedLanguages
from bench.conversion_record import ConversionRecord, Latent
from bench.languages import name_of
from bench.reporting.card.dataset import HUB_ID
from bench.reporting.text.format import counted, percent
from bench.reporting.text.markdown import code, inline
from bench.suite import TRANSFORMERS, ArmSpec, without_place

ATTENTIONS = {"self": "decoder self-attention", "cross": "cross-attention"}
PAPER = "[Whisper-MLA](https://arxiv.org/abs/2603.00563)"


@dataclass(frozen=True)
class Origin:
    """`base`: the original as it may be told to others. `word`: such as svd-62.5, where a suite named the conversion
    so. `conversion`: what its files say, None where it has none of its own.
    """

    base: str | None
    word: str | None = None
    conversion: ConversionRecord | None = None
    calibration: CalibratedLanguages | None = None

    @property
    def is_told(self) -> bool:
        """Whether it says how; training leaves widths alone to be seen."""
        return self.word is not None or (self.conversion is not None and self.conversion.init is not None)

    @property
    def own(self) -> str | None:
        """What self-attention keeps of a plain Whisper's values a token; None where that is not known."""
        if self.conversion is not None and self.conversion.own is not None:
            kept, plain = self.conversion.own
            return f"keeps {kept:,} of {plain:,} values a token ({percent(100 * (kept - plain) / plain)})"
        cut = (self.word or "").rpartition("-")[2]
        if self.word is None or self.word.startswith(("shared", "least")) or not cut.replace(".", "").isdigit():
            return None
        return f"keeps {float(cut):g} % fewer values a token"


def origin_of(records: SuiteRecords, arm: ArmSpec) -> Origin | None:
    """Its own or, of an arm that was trained from another one, that one's. None where nothing says it was converted."""
    candidates = [_origin(records, arm, each) for each in (arm, records.suite.start_of(arm)) if each is not None]
    known = [origin for origin in candidates if origin is not None]
    if not known:
        return None
    told = next((origin for origin in known if origin.is_told), known[0])
    return replace(told, conversion=told.conversion or known[0].conversion)


def _origin(records: SuiteRecords, arm: ArmSpec, converted: ArmSpec) -> Origin | None:
    recorded = records.manifest.arms.get(converted.id)
    conversion = recorded.conversion if recorded else None
    word = (converted.built or converted.calibrated or (None,))[0]
    if conversion is None and word is None:
        return None
    base = conversion.base if conversion else None
    return Origin(base or _base(records, arm, converted), word, conversion, recorded.calibration if recorded else None)


def is_on_hub(arm: ArmSpec) -> bool:
    """Whether the figures are of a repository's model as it is there."""
    return HUB_ID.fullmatch(arm.model) is not None and arm.kv is None and arm.runner == TRANSFORMERS


def _base(records: SuiteRecords, arm: ArmSpec, converted: ArmSpec) -> str | None:
    """The arm that a word names, else the control or what its training began with."""
    suite = records.suite
    if converted.origin is not None:
        return without_place(suite.files_of(converted).model)
    control = suite.control_of(arm)
    plain = control and (suite.start_of(control) or control)
    return without_place(plain.model) if plain else None


def origin_lines(origin: Origin, trained: str | None) -> Iterator[str]:
    """Attentions, widths, init, calibration, and what it did before any training; `trained`: what came after."""
    init = origin.conversion.init if origin.conversion else None
    made = f", initialised by {code(init)}" if init else f", made as {code(origin.word)}" if origin.word else ""
    place = f" in place of {inline(origin.base)}'s own" if origin.base else ""
    yield f"- Multi-head latent attention ({PAPER}){place}{made}."
    conversion = origin.conversion
    if conversion is not None:
        for module, latent in conversion.latents.items():
            name = ATTENTIONS.get(module, module)
            yield f"- {name[0].upper()}{name[1:]}: {_widths(latent, conversion.width)}."
    if origin.calibration is not None:
        yield f"- {_calibrated(origin.calibration)}."
    if conversion is not None and conversion.divergence is not None:
        clips = counted(conversion.held_back or 0, "clip")
        yield (
            f"- Before any training its next tokens were {conversion.divergence:.2g} nats from the original's "
            f"(KL divergence, on {clips} that nothing was chosen by)."
        )
    if trained:
        yield f"- {trained}."


def _widths(latent: Latent, width: int) -> str:
    """A latent of rank 24 of 48 in every layer, beside 8 key dimensions."""
    ranks = [width if rank is None else rank for rank in latent.ranks]
    if set(latent.ranks) == {None}:
        return "attends the layer's whole input, which loses nothing"
    low, high = min(ranks), max(ranks)
    shown = f"of rank {low} in every layer" if low == high else f"of ranks {', '.join(map(str, ranks))}, layer by layer"
    once = f"that all layers share, of rank {low}" if latent.shared else shown
    beside = f", beside {latent.kept} key dimensions that are kept" if latent.kept else ""
    return f"a latent {once} (the model's width is {width}){beside}"


def _calibrated(languages: CalibratedLanguages) -> str:
    heard = [f"on clips in {listed(languages.heard)}"] if languages.heard else []
    read = [f"on text alone in {listed(languages.read)}"] if languages.read else []
    return f"Calibrated {', '.join(heard + read)}"


def listed(languages: Sequence[str]) -> str:
    """English, German and Welsh."""
    names = [inline(name_of(language)) for language in languages]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1] if names else ""]))
