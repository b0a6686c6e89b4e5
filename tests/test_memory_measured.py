"""What a live cache holds, whoever wrote it, beside what the config claims."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from bench.arms import Arm, find_arm, load_arm
from bench.memory.budget import Load
from bench.memory.measuring import measure
from bench.memory.walking import split_cache
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
        asked = Load(batch, beams, positions, 0, arm.model.dtype.itemsize, arm.source.spec.kv)
        found = measure(arm, asked)
        assert (found.own, found.cross) == (found.own_claimed, found.cross_claimed)
        assert found.states == batch * beams * FRAMES * 72 * arm.model.dtype.itemsize
        assert all(phase.peak is None for phase in found.phases.values())
        assert found.process is None


def test_random_weights_of_a_true_size(data_folder: Path) -> None:
    """whisper-tiny's caches to the byte: one clip, 35 positions, and as many under a cut of 62.5 %."""
    processor = str(data_folder / "models" / "whisper-tiny-processor")
    tiny = ArmSpec(name="tiny", model="random:tiny", processor=processor)
    for spec, own in ((tiny, 35 * 4 * 2 * 384 * 4), (ArmSpec(name="cut", model="svd-62.5:tiny"), 35 * 4 * 288 * 4)):
        arm = load_arm(find_arm(spec, tiny), DecodeSpec(), ["en"])
        found = measure(arm, Load(1, 1, 35, 0, 4))
        assert (found.own, found.own_claimed) == (own, own)
        assert found.cross == found.cross_claimed == 1500 * 4 * 2 * 384 * 4
        again = load_arm(find_arm(spec, tiny), DecodeSpec(), ["en"])
        assert torch.equal(arm.model.proj_out.weight, again.model.proj_out.weight)


@pytest.mark.parametrize(
    ("model", "processor", "complaint"),
    [
        ("random:tiny", "${NO_SUCH}", "its variable is not set"),
        ("random:huge", "here", "no size huge; the published ones are tiny, base"),
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


def test_legacy_tuples_and_strange_classes_are_walked() -> None:
    states = torch.zeros(2, FRAMES, 8)
    own, cross = torch.zeros(2, 4, 7, 16), torch.zeros(2, 4, FRAMES, 16)
    layers = tuple((own.clone(), own.clone(), cross.clone(), cross.clone()) for _ in range(3))
    expected = (6 * own.nbytes, 6 * cross.nbytes)
    legacy = split_cache(layers, FRAMES, states)
    assert (legacy.own, legacy.cross) == expected
    strange = SimpleNamespace(store={"layers": [SimpleNamespace(kv=layer) for layer in layers]}, seen=7, audio=states)
    held = split_cache(strange, FRAMES, states)
    assert (held.own, held.cross) == expected
