"""Models: found, fingerprinted, loaded, and told apart by their encoders."""

from bench.arms.calibrated import calibration_clips, conversion_folder
from bench.arms.calibration import ALLOCATION, CONVERSION
from bench.arms.finding import find_arm
from bench.arms.fingerprints import hash_weights
from bench.arms.loading import FRAMES_PER_POSITION, Arm, load_arm, read_window, require_device
from bench.arms.places import without_places
from bench.arms.reading import reading_files
from bench.arms.saving import copy_processor, save_model, stored_dtype, write_folder
from bench.arms.source import ArmSource
from bench.arms.vocabulary import IGNORED, MAY_ACT, Vocabulary

__all__ = [
    "ALLOCATION",
    "CONVERSION",
    "FRAMES_PER_POSITION",
    "IGNORED",
    "MAY_ACT",
    "Arm",
    "ArmSource",
    "Vocabulary",
    "calibration_clips",
    "conversion_folder",
    "copy_processor",
    "find_arm",
    "hash_weights",
    "load_arm",
    "read_window",
    "reading_files",
    "require_device",
    "save_model",
    "stored_dtype",
    "without_places",
    "write_folder",
]
