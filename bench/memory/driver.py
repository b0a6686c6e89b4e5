"""What the driver says a process holds on the GPU: tensors, the allocator's slack, context and workspaces."""

from __future__ import annotations

import os

import torch

PROCESS, DEVICE = "process", "device"


def driver_bytes(device: torch.device, before: int | None) -> tuple[int | None, str | None]:
    """Bytes and whether they are of this process alone; None without a GPU.

    Some drivers, and containers whose process numbers are their own, do not tell processes apart: then what the whole
    device holds more than `before`.
    """
    if device.type != "cuda":
        return None, None
    import pynvml

    pynvml.nvmlInit()
    handle = _handle(device)
    for process in pynvml.nvmlDeviceGetComputeRunningProcesses(handle):
        if process.pid == os.getpid() and process.usedGpuMemory:
            return int(process.usedGpuMemory), PROCESS
    used = int(pynvml.nvmlDeviceGetMemoryInfo(handle).used)
    return used - (before or 0), DEVICE


def device_bytes(device: torch.device) -> int | None:
    """What the whole device holds; to be asked before anything of this process is on it."""
    if device.type != "cuda":
        return None
    import pynvml

    pynvml.nvmlInit()
    return int(pynvml.nvmlDeviceGetMemoryInfo(_handle(device)).used)


def _handle(device: torch.device) -> object:
    """The same GPU by its identity: the driver's order is not always the one that CUDA_VISIBLE_DEVICES leaves."""
    import pynvml

    identity = str(torch.cuda.get_device_properties(device).uuid)
    return pynvml.nvmlDeviceGetHandleByUUID(identity if identity.startswith("GPU-") else f"GPU-{identity}")


def driver_version() -> str:
    """Of the GPU's driver."""
    import pynvml

    pynvml.nvmlInit()
    return str(pynvml.nvmlSystemGetDriverVersion())
