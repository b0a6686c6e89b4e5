"""Every arm of a suite under every load, each in a fresh process; one record a cell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from bench.errors import BenchError
from bench.memory.budget import ITEMSIZE, Load
from bench.suite import ArmSpec, Suite


def loads_of(suite: Suite, arm: ArmSpec) -> Iterator[Load]:
    """Batch by beams by positions. The encoder's positions are the model's own, which only the process knows."""
    memory = suite.memory
    for batch, beams, positions in product(memory.batch, memory.beams, memory.tokens):
        yield Load(batch, beams, positions, 0, ITEMSIZE[suite.decode.dtype], arm.kv)


def cells_of(suite: Suite) -> list[tuple[ArmSpec, Load]]:
    return [(arm, load) for arm in suite.arms for load in loads_of(suite, arm)]


def profile_suite(argument: str, suite: Suite, device: str, advance: Callable[[str], object]) -> pd.DataFrame:
    """A row an arm and load. Raises BenchError with the message of a cell that cannot be measured."""
    rows = []
    for arm, load in cells_of(suite):
        found = _run(argument, arm, load, device)
        control = suite.control_of(arm)
        rows.append({"arm": arm.id, "control": control.id if control else None, **_flat(load), **found})
        advance(arm.id)
    return pd.DataFrame(rows)


def _flat(load: Load) -> dict[str, Any]:
    return {name: value for name, value in asdict(load).items() if name not in ("frames", "itemsize")}


def _run(argument: str, arm: ArmSpec, load: Load, device: str) -> dict[str, Any]:
    request = json.dumps({"suite": argument, "arm": arm.id, "load": asdict(load), "device": device})
    paths = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
    command, environment = [sys.executable, "-m", "bench.memory.cell"], os.environ | {"PYTHONPATH": paths}
    done = subprocess.run(command, input=request, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchError(f"arm {arm.id}: its process ended with {done.returncode}: {last}; run it on a machine it fits")
    found: dict[str, Any] = json.loads(done.stdout)
    if "error" in found:
        raise BenchError(found["error"])
    return {**found, "peaks": json.dumps(found.get("peaks"))}
