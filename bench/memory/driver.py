"""What the driver says a process holds on the GPU: tensors, the allocator's slack, context and workspaces."""

from __future__ import annotations

import os
from typing import Any

import pynvml
import torch

PROCESS, DEVICE = "process", "device"


def driver_bytes(before: int | None) -> tuple[int | None, str | None]:
    """Bytes and whether they are of this process alone; None where the driver cannot be asked.

    Some drivers, and containers whose process numbers are their own, do not tell processes apart: then what the whole
    device holds more than `before`.
    """
    try:
        handle = _handle()
        for process in pynvml.nvmlDeviceGetComputeRunningProcesses(handle):
            if process.pid == os.getpid() and process.usedGpuMemory:
                return int(process.usedGpuMemory), PROCESS
        used = int(pynvml.nvmlDeviceGetMemoryInfo(handle).used)
    except pynvml.NVMLError:
        return None, None
    return (None, None) if before is None else (used - before, DEVICE)


def device_bytes() -> int | None:
    """What the whole device holds; to be asked before anything of this process is on it."""
    try:
        return int(pynvml.nvmlDeviceGetMemoryInfo(_handle()).used)
    except pynvml.NVMLError:
        return None


def driver_version() -> str | None:
    """The version of the GPU's driver; None where it cannot be asked."""
    try:
        pynvml.nvmlInit()
        return str(pynvml.nvmlSystemGetDriverVersion())
    except pynvml.NVMLError:
        return None


def describe_gpus() -> list[str]:
    """Names of the machine's GPUs and the version of their driver; empty where it cannot be asked."""
    try:
        pynvml.nvmlInit()
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return [*map(str, map(pynvml.nvmlDeviceGetName, handles)), str(pynvml.nvmlSystemGetDriverVersion())]
    except pynvml.NVMLError:
        return []


def _handle() -> Any:
    """The GPU that PyTorch uses.

    Among several it is found by its identity, for the driver's order is not always the one that CUDA_VISIBLE_DEVICES
    leaves; a single one without asking CUDA, which might take memory to answer.
    """
    pynvml.nvmlInit()
    if pynvml.nvmlDeviceGetCount() == 1:
        return pynvml.nvmlDeviceGetHandleByIndex(0)
    identity = str(torch.cuda.get_device_properties().uuid)
    return pynvml.nvmlDeviceGetHandleByUUID(identity if identity.startswith(("GPU-", "MIG-")) else f"GPU-{identity}")
