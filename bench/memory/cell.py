"""`python -m bench.memory.cell`: one arm under one load in a process of its own, so that nothing of another is left.

Reads a request from stdin and writes what was measured to stdout, both as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import torch

from bench.arms import ATTENTION, find_arm, load_arm, require_device
from bench.errors import BenchError
from bench.memory.budget import Load
from bench.memory.driver import device_bytes
from bench.memory.measuring import measure
from bench.suite import DecodeSpec, load_suite, validate_section

OUT_OF_MEMORY = "out of memory"


def measure_cell(suite_name: str, arm_id: str, load: Load, device: str) -> dict[str, Any]:
    """What `measure` found, or that the GPU's memory was too small, and what it was measured with."""
    suite = load_suite(suite_name)
    spec = next(arm for arm in suite.arms if arm.id == arm_id)
    decode = validate_section(DecodeSpec, suite.decode.model_dump() | {"device": device})
    before = device_bytes(require_device(device))
    arm = load_arm(find_arm(spec, suite.files_of(spec)), decode, suite.languages)
    if load.positions > (most := arm.model.config.max_target_positions):
        raise BenchError(f"memory.tokens = {load.positions}: arm {arm_id} has {most} positions at most")
    try:
        found = {"outcome": "ok", **asdict(measure(arm, load, before))}
    except torch.cuda.OutOfMemoryError:
        found = {"outcome": OUT_OF_MEMORY}
    return {
        **found,
        "device": torch.cuda.get_device_name() if device == "cuda" else "no GPU",
        "dtype": suite.decode.dtype,
        "attention": ATTENTION,
        "torch": version("torch"),
        "transformers": version("transformers"),
    }


def main() -> None:
    request = json.load(sys.stdin)
    try:
        found = measure_cell(request["suite"], request["arm"], Load(**request["load"]), request["device"])
    except BenchError as error:
        found = {"error": str(error)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
