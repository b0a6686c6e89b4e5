"""A conversion from a model's name to a folder, in two steps: what can be checked beforehand, and the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bench.arms import Arm, find_arm, load_arm
from bench.conversion.converting import Conversion, convert_arm, require_possible, require_stock
from bench.conversion.saving import save_conversion
from bench.conversion.texts import choose_texts, require_spoken
from bench.conversion.watching import Watch, unwatched
from bench.conversion_request import ConversionRequest
from bench.corpora import CalibrationClips
from bench.errors import BenchError
from bench.model_folders import require_new
from bench.suite import ArmSpec, DecodeSpec, resolve_model


@dataclass(frozen=True, eq=False)
class PreparedConversion:
    """A conversion that is known to be possible; `needed`: how many clips and texts it reads."""

    request: ConversionRequest
    folder: Path
    arm: Arm
    clips: CalibrationClips | None
    needed: int

    @property
    def caution(self) -> str:
        """What to be wary of; empty where there is nothing."""
        return "" if self.clips is None else self.clips.caution

    def run(self, on_clips: Callable[[int], None], watch: Watch = unwatched) -> Conversion:
        """Converts the model and writes the folder; the curves of allocated widths are kept beside it.

        `on_clips` hears how many more clips have been read, `watch` of the search for widths.
        """
        beside = self.folder.resolve().parent
        conversion = convert_arm(self.arm, self.request, self.clips, on_clips, watch, curves=beside)
        save_conversion(conversion, self.request, self.arm, self.folder)
        return conversion


def prepare_conversion(
    model: str,
    folder: Path,
    request: ConversionRequest,
    chosen: CalibrationClips | None,
    text: Path | None = None,
) -> PreparedConversion:
    """Loads a model (a folder, a hub id, demo:NAME), to be converted on the clips chosen.

    `text`: a file of sentences, for languages of which there are no clips. Raises BenchError where the conversion
    cannot be.
    """
    require_new(folder)
    if text is not None:
        if chosen is None or not request.calibrated:
            raise BenchError("--calibration-text: goes with --calibration, for activation and balanced; leave it out")
        chosen = replace(chosen, texts=choose_texts(text))
    source = find_arm(ArmSpec(name="model", model=resolve_model(model, Path.cwd())))
    require_stock(source)
    arm = load_arm(source, DecodeSpec(max_new_tokens=1), chosen.languages if chosen else ())
    if text is not None and chosen is not None:
        require_spoken(arm, text, chosen.texts)
    return PreparedConversion(request, folder, arm, chosen, require_possible(arm, request, chosen))
