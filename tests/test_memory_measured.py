"""What a live cache holds, whoever wrote it, beside what the config claims."""

import json
import os
import shutil
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from bench.arms import Arm, find_arm, load_arm
from bench.memory.cache_bytes import reorder, split_cache
from bench.memory.driver import device_bytes, driver_bytes
from bench.memory.measuring import measure
from bench.memory.running import Run
from bench.memory_records import Load
from bench.suite import ArmSpec, DecodeSpec, load_suite
from tests.conftest import refusal

FRAMES = 150
ARMS = {
    "stock": ArmSpec(name="a", model="demo:72-control"),
    "latent": ArmSpec(name="a", model="svd-87.5:stock"),
    "exact": ArmSpec(name="a", model="exact:stock"),
    "int8": ArmSpec(name="a", model="demo:72-control", kv="int8"),
    "int8 latent": ArmSpec(name="a", model="svd-87.5:stock", kv="int8"),
}


def load(name: str, dtype: str) -> Arm:
    spec = ARMS[name]
    files = ArmSpec(name="stock", model="demo:72-control") if spec.built else None
    return load_arm(find_arm(spec, files), DecodeSpec(dtype=dtype, max_new_tokens=20), ["en"])  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", list(ARMS))
def test_live_tensors_are_what_the_config_claims(name: str, dtype: str) -> None:
    arm = load(name, dtype)
    for batch, beams, positions in ((1, 1, 32), (8, 1, 60), (3, 5, 20)):
        measured = measure(arm, Load(batch, beams, positions))
        assert (measured.own, measured.cross) == (measured.own_claimed, measured.cross_claimed)
        assert measured.states == batch * beams * FRAMES * 72 * arm.model.dtype.itemsize
        assert all(phase.peak is None for phase in measured.phases.by_name().values())
        assert (measured.reserved, measured.context, measured.seconds) == (None, None, None)


def test_random_weights_of_a_true_size(data_folder: Path) -> None:
    """whisper-tiny's caches to the byte: one clip, 35 positions, and as many under a cut of 62.5 %."""
    processor = str(data_folder / "models" / "whisper-tiny-processor")
    tiny = ArmSpec(name="tiny", model="random:tiny", processor=processor)
    for spec, own in ((tiny, 35 * 4 * 2 * 384 * 4), (ArmSpec(name="cut", model="svd-62.5:tiny"), 35 * 4 * 288 * 4)):
        arm = load_arm(find_arm(spec, tiny), DecodeSpec(), ["en"])
        measured = measure(arm, Load(1, 1, 35))
        assert (measured.own, measured.own_claimed) == (own, own)
        assert measured.cross == measured.cross_claimed == 1500 * 4 * 2 * 384 * 4
        again = load_arm(find_arm(spec, tiny), DecodeSpec(), ["en"])
        assert torch.equal(arm.model.proj_out.weight, again.model.proj_out.weight)


@pytest.mark.parametrize(
    ("model", "processor", "complaint"),
    [
        ("random:tiny", "${NO_SUCH}", "its variable is not set"),
        ("random:huge", "here", "no size huge; the published ones are tiny, tiny.en, base"),
        ("random:tiny", None, "processor names the folder"),
    ],
)
def test_random_weights_need_a_size_and_a_processor(
    model: str, processor: str | None, complaint: str, tmp_path: Path
) -> None:
    given = "" if processor is None else f', processor = "{processor}"'
    (tmp_path / "a.toml").write_text(
        f'name = "r"\nlanguages = ["en"]\narms = [{{ name = "a", model = "{model}"{given} }}]\n'
        '[corpus]\nkind = "manifest"\n[memory]\nbatch = [1]\ntokens = [9]\n'
    )
    assert complaint in refusal("memory", tmp_path / "a.toml")


def test_the_shapes_suite_is_ready() -> None:
    suite = load_suite("whisper-shapes")
    assert [arm.name for arm in suite.arms if arm.control is None] == ["tiny", "base", "small"]
    assert all(suite.files_of(arm).processor for arm in suite.arms)


def test_legacy_tuples_and_strange_classes_are_counted() -> None:
    states = torch.zeros(2, FRAMES, 8)
    own, cross = torch.zeros(2, 4, 7, 16), torch.zeros(2, 4, FRAMES, 16)
    layers = tuple((own.clone(), own.clone(), cross.clone(), cross.clone()) for _ in range(3))
    expected = (6 * own.nbytes, 6 * cross.nbytes)
    legacy = split_cache(layers, FRAMES, states)
    assert (legacy.own, legacy.cross) == expected
    strange = SimpleNamespace(store={"layers": [SimpleNamespace(kv=layer) for layer in layers]}, seen=7, audio=states)
    held = split_cache(strange, FRAMES, states)
    assert (held.own, held.cross) == expected


class Slotted:
    __slots__ = ("keys",)

    def __init__(self, keys: torch.Tensor) -> None:
        self.keys = keys


def test_caches_are_counted_once_and_through_everything() -> None:
    states = torch.zeros(FRAMES, FRAMES, 8)
    own = torch.zeros(FRAMES, 4, 7, 16)  # as many rows as the encoder has positions
    strange = SimpleNamespace(parts=deque([Slotted(own)]), model=torch.nn.Linear(3, 3))
    strange.me = strange
    held = split_cache(strange, FRAMES, states)
    assert (held.own, held.cross) == (own.nbytes, 0)


def test_tuples_are_put_into_another_order_too() -> None:
    rows = torch.tensor([1, 0])
    ((first,),) = reorder(((torch.tensor([[1.0], [2.0]]),),), rows)
    assert first.tolist() == [[2.0], [1.0]]


@pytest.mark.parametrize(
    ("written", "claims"),
    [
        ({"self": {"kept": 0, "rank": 27}}, 20 * 2 * 27 * 4),
        ({"kv_lora_rank": 96}, None),
        ({"self": {"kept": 7, "rank": 96}}, None),
        ("yes", None),
    ],
)
def test_a_claim_is_what_the_config_says_in_words_that_are_known(
    written: object, claims: int | None, tmp_path: Path
) -> None:
    """Widths are loaded from the tensors; a config that says others is held to its word."""
    folder = tmp_path / "m"
    shutil.copytree(find_arm(ArmSpec(name="a", model="demo:96-paper-62.5")).folder, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"mla": written}), encoding="utf-8")
    arm = load_arm(find_arm(ArmSpec(name="a", model=str(folder))), DecodeSpec(max_new_tokens=20), ["en"])
    assert measure(arm, Load(1, 1, 20)).own_claimed == claims


class Nvml:
    """A driver that answers as it is told."""

    class NVMLError(Exception):
        pass

    def __init__(self, processes: list[tuple[int, int | None]] | None, used: int = 900) -> None:
        self.processes, self.used = processes, used

    def nvmlInit(self) -> None:  # noqa: N802
        if self.processes is None:
            raise self.NVMLError

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 1

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return index

    def nvmlDeviceGetComputeRunningProcesses(self, handle: int) -> list[SimpleNamespace]:  # noqa: N802
        return [SimpleNamespace(pid=pid, usedGpuMemory=used) for pid, used in self.processes or ()]

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(used=self.used)


@pytest.mark.parametrize(
    ("processes", "before", "said"),
    [
        ([(os.getpid(), 700), (1, 50)], 100, (700, "process")),
        ([(os.getpid(), None)], 100, (800, "device")),
        ([(1, 700)], 100, (800, "device")),
        ([(1, 700)], None, (None, None)),
        (None, None, (None, None)),
    ],
)
def test_what_a_driver_says(
    processes: list[tuple[int, int | None]] | None,
    before: int | None,
    said: tuple[int | None, str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bench.memory.driver.pynvml", Nvml(processes))
    assert driver_bytes(before) == said
    assert device_bytes() == (None if processes is None else 900)


def test_phases_are_measured_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waited for, reset, run, waited for, read; what an earlier phase reserved and gave back counts."""
    calls: list[str] = []
    peaks = {"max_memory_allocated": iter((50, 60, 70)), "max_memory_reserved": iter((99, 80, 80))}
    fake = SimpleNamespace(
        synchronize=lambda: calls.append("wait"),
        reset_peak_memory_stats=lambda: calls.append("reset"),
        empty_cache=lambda: calls.append("empty"),
        memory_reserved=lambda: 80,
        **{name: lambda name=name: (calls.append(name), next(peaks[name]))[1] for name in peaks},
    )
    arm = load("stock", "float32")
    monkeypatch.setattr("bench.memory.running.torch.cuda", fake)
    monkeypatch.setattr(Run, "on_gpu", True)
    monkeypatch.setattr("bench.memory.running.driver_bytes", lambda before: (100, "process"))
    measured = measure(arm, Load(1, 1, 20))
    assert [phase.peak for phase in measured.phases.by_name().values()] == [50, 60, 70]
    assert (measured.reserved, measured.context, measured.process_source) == (99, 20, "process")
    assert measured.seconds is not None
    assert measured.seconds > 0
    start = calls.index("empty")
    assert calls[start + 1 : start + 6] == ["wait", "reset", "wait", "max_memory_allocated", "max_memory_reserved"]
