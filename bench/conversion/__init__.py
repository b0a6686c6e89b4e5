"""Converting a model on calibration clips, with what that does to it before any training; and exporting the result."""

from bench.conversion.clips import choose_clips
from bench.conversion.converting import Conversion, convert_arm, require_possible, require_stock
from bench.conversion.request import ConversionRequest
from bench.conversion.running import PreparedConversion, prepare_conversion
from bench.conversion.saving import export, save_conversion
from bench.conversion.text import render_conversion

__all__ = [
    "Conversion",
    "ConversionRequest",
    "PreparedConversion",
    "choose_clips",
    "convert_arm",
    "export",
    "prepare_conversion",
    "render_conversion",
    "require_possible",
    "require_stock",
    "save_conversion",
]
