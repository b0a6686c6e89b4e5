"""One arm under one load in a process of its own, so that nothing of another is left.

Reads a request, a line of JSON, and loads the arm; waits for a second line before it touches a GPU, so that the next
arm may be loaded while another is measured; then measures and writes the result to stdout, as JSON.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import version

import torch

from bench.arms import Arm, find_arm, load_arm, require_device
from bench.errors import BenchError
from bench.memory.driver import device_bytes, driver_version
from bench.memory.exchange import ANSWER, OUT_OF_MEMORY, REQUEST, CellRefusal, CellRequest, CellResult
from bench.memory.measuring import measure
from bench.memory_records import OK, Environment, Load
from bench.suite import DecodeSpec, load_suite, validate_section

TOO_LITTLE = (
    *(OUT_OF_MEMORY, "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_NOT_INITIALIZED"),
    *("unable to find an engine", "Unable to find a valid cuDNN algorithm"),
)
"""How PyTorch's allocators say it, and libraries of the GPU that asked them in vain."""


def load_request(request: CellRequest) -> Arm:
    """The arm on the CPU, in the dtype that is to be measured."""
    suite = load_suite(request.suite)
    spec = next(arm for arm in suite.arms if arm.id == request.arm)
    decode = validate_section(
        DecodeSpec, suite.decode_of(spec).model_dump() | {"device": "cpu", "dtype": request.dtype}
    )
    return load_arm(find_arm(spec, suite.files_of(spec)), decode, suite.languages)


def measure_cell(arm: Arm, load: Load, device: str) -> CellResult:
    """The bytes, or why there are none, and what they were measured with."""
    on_gpu = require_device(device).type == "cuda"
    before = device_bytes() if on_gpu else None
    try:
        arm.model.to(device)
        measured, outcome = measure(arm, load, before), OK
    except RuntimeError as error:
        measured, outcome = None, _outcome(error)
    return CellResult(outcome, measured, _environment(on_gpu, arm.settings.attention))


def _environment(on_gpu: bool, attention: str) -> Environment:
    return Environment(
        device=torch.cuda.get_device_name() if on_gpu else "no GPU",
        driver=driver_version() if on_gpu else None,
        attention=attention,
        torch=version("torch"),
        transformers=version("transformers"),
    )


def _outcome(error: RuntimeError) -> str:
    if isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in TOO_LITTLE):
        return OUT_OF_MEMORY
    return f"failed: {(str(error).strip().splitlines() or [type(error).__name__])[0]}"


def answer(next_line: Callable[[], bytes]) -> None:
    """Whatever else is printed, by an arm's own code too, goes to stderr: stdout is for the answer."""
    stdout = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))  # while loading: another may be being measured
    request = REQUEST.validate_json(next_line())
    result: CellResult | CellRefusal
    try:
        arm = load_request(request)
        next_line()
        torch.set_num_threads(os.cpu_count() or 1)
        result = measure_cell(arm, request.load, request.device)
    except BenchError as error:
        result = CellRefusal(str(error))
    stdout.write(ANSWER.dump_json(result))
    stdout.close()
