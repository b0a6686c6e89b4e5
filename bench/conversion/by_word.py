"""The conversions on clips that a suite names by a word: made where they are missing, and kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from bench.arms import Arm, calibration_clips, conversion_folder, find_arm, load_arm
from bench.conversion.converting import convert_encoded, require_possible
from bench.conversion.encoded import EncodedClips, encode_calibration
from bench.conversion.saving import save_conversion
from bench.conversion.watching import Watch
from bench.conversion_request import ConversionRequest
from bench.corpora import CalibrationClips
from bench.errors import BenchError
from bench.mla.named import parse_name
from bench.mla.shapes import KV, Module
from bench.progress import StageBars, progress_bar
from bench.suite import ArmSpec, DecodeSpec, Suite
from bench.visible import visible


@dataclass(frozen=True)
class Missing:
    """An arm whose conversion is still to be made, the arm it is made from, and where it will lie."""

    spec: ArmSpec
    origin: ArmSpec
    folder: Path


def make_conversions(suite: Suite, console: Console, arm_names: Collection[str] = ()) -> None:
    """Makes those that are missing, with bars on the console; says there what was made, and what to be wary of.

    Those of one model on the same clips one after another, so that these are encoded once; of the named arms alone
    where any is named.
    """
    of_clips: dict[tuple[ArmSpec, str | None], list[Missing]] = {}
    for missing in list_missing(suite, arm_names):
        of_clips.setdefault((missing.origin, missing.spec.calibration), []).append(missing)
    for alike in of_clips.values():
        clips = calibration_clips(alike[0].spec)
        with progress_bar(console, "clips") as progress:
            task = progress.add_task("calibration", total=len(clips.seen) + len(clips.held_back))
            arm, encoded = _encode(alike[0], clips, partial(progress.advance, task))
        for missing in alike:
            _make(missing, arm, encoded, console)


def _make(missing: Missing, arm: Arm, encoded: EncodedClips, console: Console) -> None:
    with progress_bar(console, "widths") as progress:
        stages = StageBars(progress)
        make_missing(missing, arm, encoded, stages.watch)
        stages.end()
    lines = [f"made {missing.spec.id}: {missing.spec.model} ({missing.folder})"]
    caution = encoded.clips.caution
    lines += [f"caution: arm {missing.spec.id}: {caution}"] if caution else []
    for line in lines:
        console.print(visible(line), markup=False, highlight=False, soft_wrap=True)


def list_missing(suite: Suite, arm_names: Collection[str] = ()) -> list[Missing]:
    """In the suite's order, each folder once. Raises BenchError where a model or its clips cannot be had."""
    found: dict[Path, Missing] = {}
    for spec in suite.models:
        if spec.calibrated is None or (arm_names and not {spec.name, spec.id} & set(arm_names)):
            continue
        origin = suite.files_of(spec)
        folder = conversion_folder(spec, find_arm(origin).fingerprint)
        if not folder.is_dir():
            found.setdefault(folder, Missing(spec, origin, folder))
    return list(found.values())


def _encode(missing: Missing, clips: CalibrationClips, advance: Callable[[int], None]) -> tuple[Arm, EncodedClips]:
    """The model that is converted, and its clips."""
    arm = load_arm(find_arm(missing.origin), DecodeSpec(max_new_tokens=1), clips.languages)
    with _named(missing):
        return arm, encode_calibration(arm, clips, True, advance)


def make_missing(missing: Missing, arm: Arm, encoded: EncodedClips, watch: Watch) -> None:
    """Converts and keeps the model; `watch` hears of the search for widths. Raises BenchError where it cannot be."""
    conversion, _ = missing.spec.calibrated or ("", "")
    request = request_of(conversion, missing.spec.kv)
    with _named(missing):
        require_possible(arm, request, encoded.clips)
        made = convert_encoded(arm, request, encoded, watch, curves=missing.folder.parent)
    save_conversion(made, request, arm, missing.folder)


@contextmanager
def _named(missing: Missing) -> Iterator[None]:
    """A BenchError names the arm that it is about."""
    try:
        yield
    except BenchError as error:
        raise BenchError(f"arm {missing.spec.id}: {missing.spec.model}: {error}") from None


def request_of(word: str, kv: KV | None) -> ConversionRequest:
    """What a suite's word for a conversion asks for; `kv` is how the arm's cache will be stored.

    `balanced-87.5`, `activation-87.5`: per cent off the self-attention cache, widths allocated. `even-87.5`: balanced
    factors, every layer alike. `shared-448`: cross-attention over one latent of that rank. `least-0.005`: the smallest
    decode cache that stays below so many nats a token, both attentions, the latter over one latent.
    """
    kind, _, number = word.partition("-")
    if kind == "even":
        return ConversionRequest(("self",), "balanced", float(number) / 100, None, 0)
    if kind == "shared":
        return ConversionRequest(("cross",), "balanced", None, int(number), 0, share_cross=True)
    if kind == "least":
        both: tuple[Module, ...] = ("self", "cross")
        return ConversionRequest(both, "balanced", None, None, 0, True, True, float(number), kv=kv)
    init, cut = parse_name(word)
    return ConversionRequest(("self",), init, cut, None, 0, allocate=True)
