"""What a run needs of this machine: versions, a GPU, and every arm's model."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import torch

from bench.arms import conversion_folder, find_arm, require_device
from bench.doctor.findings import FAIL, NOTE, OK, Finding
from bench.runners import describe_arm, find_source, fits_here
from bench.suite import ArmSpec, Suite


def check_versions(suite: Suite) -> Iterator[Finding]:
    """Those here, and which arms want others."""
    here = f"torch {version('torch')}, transformers {version('transformers')}"
    yield Finding(OK, "versions", here)
    elsewhere = [arm for arm in suite.arms if not fits_here(arm)]
    for wanted in dict.fromkeys(arm.transformers for arm in elsewhere):
        names = ", ".join(arm.id for arm in elsewhere if arm.transformers == wanted)
        text = f"{names}: to be decoded with transformers {wanted}; `bench run` leaves them to such an environment"
        yield Finding(FAIL if len(elsewhere) == len(suite.arms) else NOTE, "versions", text)


def check_device(suite: Suite) -> Iterator[Finding]:
    """Of transformers; other runners find their own when they load."""
    if suite.decode.device == "cpu":
        yield Finding(OK, "GPU", 'none is asked for (decode.device = "cpu")')
    elif suite.models:
        require_device(suite.decode.device)
        free, total = torch.cuda.mem_get_info()
        yield Finding(OK, "GPU", f"{torch.cuda.get_device_name()}, {free / 2**30:.1f} of {total / 2**30:.1f} GB free")


def check_model(suite: Suite, arm: ArmSpec) -> Iterator[Finding]:
    """That it loads. Raises BenchError where it does not."""
    if arm.calibrated is not None:
        folder = conversion_folder(arm, find_arm(suite.files_of(arm)).fingerprint)
        if not folder.is_dir():
            yield Finding(OK, "models", f"{arm.id}: {arm.model} is not made yet; `bench run` makes it first ({folder})")
            return
    yield Finding(OK, "models", f"{arm.id}: {describe_arm(suite, arm)}")
    calibration = find_source(suite, arm).calibration()
    if calibration is not None and (caution := calibration.caution(arm.id, suite.languages)):
        yield Finding(NOTE, "languages", caution)
    if arm.trust_remote_code:
        folder = find_arm(arm).folder
        yield Finding(NOTE, "code", f"{arm.id} runs code of its own ({folder}/*.py), with your consent: read it")
