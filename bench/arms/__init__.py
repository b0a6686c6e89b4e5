"""Models: found, fingerprinted, loaded, and told apart by their encoders."""

from bench.arms.finding import DEMO, ArmSource, demo_models, find_arm
from bench.arms.fingerprints import hash_weights
from bench.arms.loading import FRAMES_PER_POSITION, Arm, load_arm, require_device
from bench.arms.opening import ATTENTION
from bench.arms.prompt import IGNORED, prompt_of
from bench.arms.saving import copy_processor, require_new, save_model, stored_dtype, write_folder

__all__ = [
    "ATTENTION",
    "DEMO",
    "FRAMES_PER_POSITION",
    "IGNORED",
    "Arm",
    "ArmSource",
    "copy_processor",
    "demo_models",
    "find_arm",
    "hash_weights",
    "load_arm",
    "prompt_of",
    "require_device",
    "require_new",
    "save_model",
    "stored_dtype",
    "write_folder",
]
