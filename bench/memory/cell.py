"""`python -m bench.memory.cell`: one arm under one load in a process of its own, so that nothing of another is left.

Reads a request, a line of JSON, and loads the arm; waits for a second line before it touches a GPU, so that the next
arm may be loaded while another is measured; then measures and writes what it found to stdout, as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import torch

from bench.arms import ATTENTION, Arm, find_arm, load_arm, require_device
from bench.errors import BenchError
from bench.memory.budget import Load
from bench.memory.driver import device_bytes, driver_version
from bench.memory.measuring import measure
from bench.suite import DecodeSpec, load_suite, validate_section

OUT_OF_MEMORY = "out of memory"
TOO_LITTLE = ("out of memory", "can't allocate memory", "ALLOC_FAILED")
"""How PyTorch's allocators and the GPU's libraries say it."""


def load_request(suite_name: str, arm_id: str, dtype: str) -> Arm:
    """The arm on the CPU, in the dtype that is to be measured."""
    suite = load_suite(suite_name)
    spec = next(arm for arm in suite.arms if arm.id == arm_id)
    decode = validate_section(DecodeSpec, suite.decode.model_dump() | {"device": "cpu", "dtype": dtype})
    return load_arm(find_arm(spec, suite.files_of(spec)), decode, suite.languages)


def measure_cell(arm: Arm, load: Load, device: str) -> dict[str, Any]:
    """What `measure` found, or that memory was too small, and what it was measured with."""
    before = device_bytes(require_device(device))
    try:
        arm.model.to(device)
        found = {"outcome": "ok", **asdict(measure(arm, load, before))}
    except RuntimeError as error:
        if not any(words in str(error) for words in TOO_LITTLE):
            raise
        found = {"outcome": OUT_OF_MEMORY}
    return {
        **found,
        "device": torch.cuda.get_device_name() if device == "cuda" else "no GPU",
        "driver": driver_version() if device == "cuda" else None,
        "attention": ATTENTION,
        "torch": version("torch"),
        "transformers": version("transformers"),
    }


def main() -> None:
    request = json.loads(sys.stdin.readline())
    try:
        arm = load_request(request["suite"], request["arm"], request["dtype"])
        if not sys.stdin.readline():
            return
        found = measure_cell(arm, Load(**request["load"]), request["device"])
    except BenchError as error:
        found = {"error": str(error)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
