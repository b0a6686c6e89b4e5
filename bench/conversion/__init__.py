"""Converting a model on calibration clips, with what that does to it before any training; and exporting the result."""

from bench.conversion.by_word import make_conversions
from bench.conversion.converting import Conversion, convert_arm, require_possible, require_stock
from bench.conversion.running import PreparedConversion, prepare_conversion
from bench.conversion.saving import export, save_conversion
from bench.conversion.text import render_conversion
from bench.corpora import choose_clips

__all__ = [
    "Conversion",
    "PreparedConversion",
    "choose_clips",
    "convert_arm",
    "export",
    "make_conversions",
    "prepare_conversion",
    "render_conversion",
    "require_possible",
    "require_stock",
    "save_conversion",
]
