"""In which languages a converted model was calibrated, as the record beside it says."""

from pathlib import Path

from pydantic import ValidationError

from bench.arms.reading import read_json
from bench.calibrated_languages import CalibratedLanguages
from bench.errors import BenchError

CONVERSION = "conversion.json"
"""How a model was converted."""
ALLOCATION = "allocation.json"
"""Where its widths were needed, if they were allocated."""
KEY = "calibration"


def read_calibration(arm_id: str, folder: Path) -> CalibratedLanguages | None:
    """None for a model that no clips were needed for, and where that is not recorded.

    Raises BenchError for a record that is damaged.
    """
    path = folder / CONVERSION
    recorded = read_json(arm_id, path).get(KEY)
    try:
        return None if recorded is None else CalibratedLanguages.model_validate(recorded, strict=False)
    except ValidationError:
        raise BenchError(
            f"arm {arm_id}: {KEY} in {path} is no record of languages (heard, read); convert the model anew"
        ) from None
