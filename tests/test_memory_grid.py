"""Formula and live tensors to the byte, on a miniature with as many text positions as the published models have."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration, WhisperTokenizer

from bench.arms import Arm
from bench.arms.vocabulary import read_vocabulary
from bench.memory.budget import ITEMSIZE
from bench.memory.measuring import measure
from bench.memory_records import Load
from bench.mla.named import convert_as
from bench.suite import ArmSpec, DecodeSpec

FRAMES, WIDTH = 20, 32
FORMS = ("stock", "svd-62.5", "exact", "int8", "int8 svd-62.5")
CELLS = [  # batch, beams, positions, dtype: every pair of them once at least
    (1, 1, 32, "float32"),
    (1, 5, 128, "float16"),
    (1, 5, 447, "bfloat16"),
    (8, 5, 32, "float16"),
    (8, 1, 128, "bfloat16"),
    (8, 1, 447, "float32"),
    (64, 1, 447, "float16"),
    (64, 5, 32, "bfloat16"),
    (64, 5, 128, "float32"),
]


def make_arm(tokenizer: WhisperTokenizer, form: str, dtype: str) -> Arm:
    """Random weights, 448 text positions, a window of 20 encoder positions."""
    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=len(tokenizer),
        num_mel_bins=8,
        d_model=WIDTH,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=WIDTH,
        decoder_ffn_dim=WIDTH,
        max_source_positions=FRAMES,
        max_target_positions=448,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
        decoder_start_token_id=tokenizer.convert_tokens_to_ids("<|startoftranscript|>"),
    )
    model: Any = WhisperForConditionalGeneration(config)
    int8, conversion = form.startswith("int8"), form.removeprefix("int8").strip()
    if conversion not in ("", "stock"):
        model = convert_as(conversion, model)
    spec = ArmSpec(name="arm", model="none", kv="int8" if int8 else None)
    source: Any = SimpleNamespace(spec=spec, read_json=lambda name: {})
    nothing: Any = None
    held = model.to(getattr(torch, dtype)).eval()
    return Arm(source, DecodeSpec(), held, nothing, tokenizer, read_vocabulary(tokenizer), "")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Several threads take longer over so little."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize(("batch", "beams", "positions", "dtype"), CELLS)
@pytest.mark.parametrize("form", FORMS)
def test_formula_and_live_tensors_agree(
    tokenizer: WhisperTokenizer, form: str, batch: int, beams: int, positions: int, dtype: str
) -> None:
    arm = make_arm(tokenizer, form, dtype)
    measured = measure(arm, Load(batch, beams, positions))
    assert (measured.own, measured.cross) == (measured.own_claimed, measured.cross_claimed)
    assert measured.states == batch * beams * FRAMES * WIDTH * ITEMSIZE[dtype]
    assert measured.own > 0
    assert [phase.own for phase in measured.phases.by_name().values()] == [
        0,
        measured.own // positions * 4,
        measured.own,
    ]
    assert [phase.cross for phase in measured.phases.by_name().values()] == [0, measured.cross, measured.cross]
