"""The conversions on clips that a suite names by a word: made where they are missing, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from bench.arms import calibration_clips, conversion_folder, find_arm, load_arm
from bench.conversion.converting import convert_arm
from bench.conversion.request import ConversionRequest
from bench.conversion.saving import save_conversion
from bench.conversion.watching import Watch
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


def make_conversions(suite: Suite, console: Console) -> None:
    """Makes those that are missing, with bars on the console; says there what was made, and what to be wary of."""
    for missing in list_missing(suite):
        with progress_bar(console, "clips") as progress:
            task, stages = progress.add_task(f"converting {missing.spec.id}", total=None), StageBars(progress)
            caution = make_missing(missing, partial(progress.advance, task), stages.watch)
            stages.end()
        lines = [f"made {missing.spec.id}: {missing.spec.model} ({missing.folder})"]
        lines += [f"caution: arm {missing.spec.id}: {caution}"] if caution else []
        for line in lines:
            console.print(visible(line), markup=False, highlight=False, soft_wrap=True)


def list_missing(suite: Suite) -> list[Missing]:
    """In the suite's order, each folder once. Raises BenchError where a model or its clips cannot be had."""
    found: dict[Path, Missing] = {}
    for spec in suite.models:
        if spec.calibrated is None:
            continue
        origin = suite.files_of(spec)
        folder = conversion_folder(spec, find_arm(origin).fingerprint)
        if not folder.is_dir():
            found.setdefault(folder, Missing(spec, origin, folder))
    return list(found.values())


def make_missing(missing: Missing, advance: Callable[[int], None], watch: Watch) -> str:
    """Converts, with widths allocated, and keeps the model; returns what to be wary of, empty where there is nothing.

    `advance` hears of clips read, `watch` of the search for widths. Raises BenchError where it cannot be made.
    """
    conversion, _ = missing.spec.calibrated or ("", "")
    request = request_of(conversion, missing.spec.kv)
    clips = calibration_clips(missing.spec)
    arm = load_arm(find_arm(missing.origin), DecodeSpec(max_new_tokens=1), clips.languages)
    try:
        made = convert_arm(arm, request, clips, advance, watch, curves=missing.folder.parent)
    except BenchError as error:
        raise BenchError(f"arm {missing.spec.id}: {missing.spec.model}: {error}") from None
    save_conversion(made, request, arm, missing.folder)
    return clips.caution


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
