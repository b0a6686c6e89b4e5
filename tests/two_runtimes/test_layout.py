"""What a live cache holds is what the weights' shapes say."""

from typing import Any

import pytest
import torch
from transformers.cache_utils import EncoderDecoderCache

from bench.mla.cache_layout import CacheLayout
from bench.mla.convert import convert
from bench.mla.int8 import new_int8_cache
from bench.mla.layout import HeldBytes, held_bytes, layout_of
from bench.mla.modeling_whisper_mla import WhisperLatentAttention
from bench.mla.shapes import KV
from tests.two_runtimes.models import FRAMES, SHAPES, WIDTH, make_converted, make_inputs, make_model, new_cache

DTYPES = [torch.float32, torch.float16, torch.bfloat16]


@torch.no_grad()
def fill(model: Any, cache: EncoderDecoderCache, clips: int = 2, tokens: int = 9, prompt: int = 4) -> HeldBytes:
    """After a prompt and single steps."""
    inputs = make_inputs(clips, tokens)
    features, ids = inputs["input_features"].to(model.dtype), inputs["decoder_input_ids"]
    for part in (ids[:, :prompt], *ids[:, prompt:].split(1, dim=1)):
        model(input_features=features, decoder_input_ids=part, past_key_values=cache, use_cache=True)
    return held_bytes(cache)


def expected(model: Any, kv: KV | None, clips: int = 2, tokens: int = 9) -> HeldBytes:
    layout, itemsize = layout_of(model), model.dtype.itemsize
    return HeldBytes(clips * layout.own_bytes(tokens, itemsize, kv), clips * layout.cross_bytes(FRAMES, itemsize, kv))


@pytest.mark.parametrize("kv", [None, "int8"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["none", *SHAPES])
def test_live_bytes_are_the_formulas(name: str, dtype: torch.dtype, kv: KV | None) -> None:
    model = (make_model() if name == "none" else make_converted(SHAPES[name])).to(dtype)
    assert fill(model, new_int8_cache() if kv else new_cache()) == expected(model, kv)


@pytest.mark.parametrize("kv", [None, "int8"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("clips", [1, 8])
@pytest.mark.parametrize("positions", [35, 447])
def test_live_bytes_at_a_transcripts_length(positions: int, clips: int, dtype: torch.dtype, kv: KV | None) -> None:
    shapes = SHAPES["layers and shared"]
    model = convert(make_model(positions=448), shapes, "svd").to(dtype)
    held = fill(model, new_int8_cache() if kv else new_cache(), clips, positions, prompt=positions - 2)
    assert held == expected(model, kv, clips, positions)
    scale = model.dtype.itemsize if kv else 0
    bytes_of = [width + scale if kv else width * model.dtype.itemsize for width in (6, WIDTH, 10)]
    assert held == HeldBytes(clips * positions * sum(bytes_of[:2]), clips * FRAMES * bytes_of[2])


@pytest.mark.parametrize("init", ["paper", "svd", "activation", "balanced"])
def test_every_init_holds_the_same(init: Any) -> None:
    model = make_converted(SHAPES["both"], init)
    assert fill(model, new_cache()) == expected(model, None)


def test_an_arm_that_caches_expanded_keys_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of published code: the output is right, the config claims a small cache, and nothing is saved."""

    def remember_all(self: Any, hidden_states: torch.Tensor, cache: Any) -> tuple[torch.Tensor, torch.Tensor]:
        latent, kept = self._compress(hidden_states)
        keys = torch.cat([kept, latent @ self.k_up_proj.weight.T], dim=-1)
        cache.self_attention_cache.update(keys, latent @ self.v_up_proj.weight.T, self.layer_idx)
        self.latents = torch.cat([self.latents, latent], dim=2) if hasattr(self, "latents") else latent
        self.keeps = torch.cat([self.keeps, kept], dim=2) if hasattr(self, "keeps") else kept
        return self.latents.squeeze(1), self.keeps.squeeze(1)

    model = make_converted(SHAPES["self"])
    monkeypatch.setattr(WhisperLatentAttention, "_remember", remember_all)
    held, claimed = fill(model, new_cache()), expected(model, None)
    assert held.own > 4 * claimed.own
    assert held.cross == claimed.cross


def test_storages_are_counted_in_full_and_once() -> None:
    """Tensors may look into the same memory, or into more of it than they show."""
    cache, whole = new_cache(), torch.randn(2, 1, 100, 12)
    cache.self_attention_cache.note = [whole[:, :, :1], {"again": (whole,)}]
    assert held_bytes(cache) == HeldBytes(whole.numel() * 4, 0)


def test_exact_takes_four_fifths_off_the_true_sizes_decode_cache() -> None:
    """whisper-tiny: 4 layers of 6 heads of 64 over 1,500 encoder positions, at 448 tokens in float32."""
    heads = ((64,) * 12,) * 4
    stock = CacheLayout(heads, heads, 0)
    exact = CacheLayout(((384,),) * 4, (), 384)
    cut = CacheLayout(((96, 192),) * 4, heads, 0)
    before, after = (layout.decode_bytes(448, 1500, 4) for layout in (stock, exact))
    assert 1 - after / before == pytest.approx(0.789, abs=5e-4)
    assert 1 - cut.decode_bytes(448, 1500, 4) / before == pytest.approx(0.144, abs=5e-4)
    assert stock.decode_bytes(448, 1500, 2, "int8") / (before / 2) == pytest.approx((64 + 2) / 128)
