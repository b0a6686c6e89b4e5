"""A conversion from a model's name to a folder."""

from collections.abc import Callable
from pathlib import Path

from bench.arms import find_arm, load_arm, require_new
from bench.conversion.clips import choose_clips
from bench.conversion.converting import Conversion, convert_arm, require_possible, require_stock
from bench.conversion.request import ConversionRequest
from bench.conversion.saving import save_conversion
from bench.suite import ArmSpec, DecodeSpec, resolve_model


def convert_model(
    model: str,
    folder: Path,
    request: ConversionRequest,
    calibration: str | None,
    clips: int,
    on_start: Callable[[int], None],
    on_clips: Callable[[int], None],
) -> tuple[Conversion, str]:
    """Converts a model (a folder, a hub id, demo:NAME) and writes it; returns it with what to be wary of, or nothing.

    `calibration`: a suite or a manifest, of which `clips` of each language are taken. `on_start` hears how many clips
    are needed, `on_clips` how many more have been read. Raises BenchError before anything is loaded where it cannot be.
    """
    require_new(folder)
    chosen = None if calibration is None else choose_clips(calibration, clips)
    source = find_arm(ArmSpec(name="model", model=resolve_model(model, Path.cwd())))
    require_stock(source)
    arm = load_arm(source, DecodeSpec(max_new_tokens=1), chosen.languages if chosen else ())
    on_start(require_possible(arm, request, chosen))
    conversion = convert_arm(arm, request, chosen, on_clips)
    save_conversion(conversion, request, arm, folder)
    return conversion, (chosen.caution or "") if chosen is not None else ""
