"""The attention itself: lossless where it should be, causal, and the same through every kind of cache."""

from pathlib import Path
from typing import Any

import pytest
import torch

from bench.errors import BenchError
from bench.mla.inits import INITS, Init
from bench.mla.int8 import Quantised, new_int8_cache
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.mla.shapes import LatentShape, Module, read_shapes
from tests.two_runtimes.models import (
    FIVE,
    SHAPES,
    VOCABULARY,
    WIDTH,
    logits,
    logits_in_steps,
    make_converted,
    make_inputs,
    make_model,
    new_cache,
)

ATTENTIONS = ["sdpa", "eager"]
IMPOSSIBLE = [
    *(LatentShape(25, 6), LatentShape(48, 6), LatentShape(0, 0), LatentShape(0, 49)),
    *(LatentShape(0, (6,)), LatentShape(0, (6, 49)), LatentShape(8, (6, None))),
]
LOSSLESS = [name for name in SHAPES if name.startswith("exact")]


def generate(model: Any, **more: Any) -> torch.Tensor:
    """Token ids; unconstrained, so that random weights do not end at once."""
    features = make_inputs()["input_features"]
    ids: torch.Tensor = model.generate(features, max_new_tokens=20, min_new_tokens=20, **more)
    return ids


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("name", LOSSLESS)
def test_exact_is_the_original(attention: str, name: str) -> None:
    original, converted = make_model(attention), make_converted(SHAPES[name], attention=attention)
    whole = logits(original, make_inputs())
    assert (logits(converted, make_inputs()) - whole).abs().max() < 1e-4
    assert (logits_in_steps(converted, make_inputs(), new_cache()) - whole).abs().max() < 1e-4


@pytest.mark.parametrize("module", ["self", "cross"])
@pytest.mark.parametrize("kept", [0, 8, 44])
@pytest.mark.parametrize("init", [init for init in INITS if init != "exact"])
def test_full_rank_is_the_original(init: Init, kept: int, module: Module) -> None:
    whole = logits(make_model(), make_inputs())
    converted = make_converted({module: LatentShape(kept, WIDTH)}, init)
    tolerance = 1e-3 if init in ("activation", "balanced") else 1e-4  # their roots are inverted
    assert (logits(converted, make_inputs()) - whole).abs().max() < tolerance


@pytest.mark.parametrize("init", ["svd", "activation", "balanced"])
def test_a_shared_latent_of_full_rank_is_the_original(init: Init) -> None:
    converted = make_converted(
        {"cross": LatentShape(0, WIDTH, shared=True), "self": LatentShape(0, (None, WIDTH))}, init
    )
    assert (logits(converted, make_inputs()) - logits(make_model(), make_inputs())).abs().max() < 1e-3


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("name", list(SHAPES))
def test_steps_through_the_cache_are_the_whole(name: str, attention: str) -> None:
    converted = make_converted(SHAPES[name], attention=attention)
    stepwise = logits_in_steps(converted, make_inputs(), new_cache())
    assert (stepwise - logits(converted, make_inputs())).abs().max() < 1e-4


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("name", list(SHAPES))
def test_the_last_token_does_not_reach_back(attention: str, name: str) -> None:
    converted, inputs = make_converted(SHAPES[name], attention=attention), make_inputs()
    changed = inputs["decoder_input_ids"].clone()
    changed[:, -1] = (changed[:, -1] + 7) % VOCABULARY
    before, after = logits(converted, inputs), logits(converted, inputs | {"decoder_input_ids": changed})
    assert torch.equal(before[:, :-1], after[:, :-1])
    assert not torch.equal(before[:, -1], after[:, -1])


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("name", LOSSLESS)
def test_exact_generates_what_the_original_does(name: str, beams: int) -> None:
    settings: dict[str, Any] = {"num_beams": beams, "do_sample": False}
    expected = generate(make_model(), **settings)
    assert len(set(expected[0].tolist())) > 3
    assert torch.equal(generate(make_converted(SHAPES[name]), **settings), expected)


@pytest.mark.parametrize("name", list(SHAPES))
def test_beams_do_not_need_a_cache(name: str) -> None:
    converted = make_converted(SHAPES[name])
    with_cache, without = (generate(converted, num_beams=3, use_cache=used) for used in (True, False))
    assert torch.equal(with_cache, without)


@pytest.mark.skipif(not FIVE, reason="transformers 4.46 has no static cache for Whisper's latents")
@pytest.mark.parametrize("name", list(SHAPES))
def test_a_static_cache_gives_the_same_tokens(name: str) -> None:
    converted = make_converted(SHAPES[name])
    expected = generate(converted)
    assert torch.equal(generate(converted, cache_implementation="static"), expected)


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("name", ["none", *SHAPES])
def test_int8_stays_near_and_serves_every_attention(name: str, beams: int) -> None:
    model = make_model() if name == "none" else make_converted(SHAPES[name])
    whole = logits(model, make_inputs())
    stepwise = logits_in_steps(model, make_inputs(), new_int8_cache())
    assert 0 < (stepwise - whole).abs().max() < 0.15 * whole.std()
    cache = new_int8_cache()
    generate(model, num_beams=beams, past_key_values=cache)
    assert cache.get_seq_length() >= 20


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_int8_is_off_by_half_a_step_at_most(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    states = torch.randn(2, 3, 5, 16).to(dtype)
    states[0, 0, 0] = 0
    quantised = Quantised.of(states)
    steps = states.float().abs().amax(-1, keepdim=True) / 127
    rounding = 2 * torch.finfo(dtype).eps * states.float().abs()
    assert ((quantised.states().float() - states.float()).abs() <= 0.51 * steps + rounding).all()
    assert torch.equal(quantised.of_beams(torch.tensor([1, 0])).states()[0], quantised.states()[1])


def test_head_masks_are_refused() -> None:
    attention = make_converted(SHAPES["self"]).model.decoder.layers[0].self_attn
    with pytest.raises(ValueError, match="head masks"):
        attention(torch.randn(1, 3, WIDTH), layer_head_mask=torch.ones(4))


def test_exact_cross_attention_needs_the_encoders_output() -> None:
    attention = make_converted(SHAPES["exact"]).model.decoder.layers[0].encoder_attn
    with pytest.raises(ValueError, match="pass encoder_outputs"):
        attention(torch.randn(1, 3, WIDTH))


@pytest.mark.parametrize("name", list(SHAPES))
def test_a_saved_model_is_the_same_and_tells_its_shapes(name: str, tmp_path: Path) -> None:
    converted = make_converted(SHAPES[name])
    converted.save_pretrained(tmp_path)
    loaded = WhisperMLAForConditionalGeneration.from_pretrained(tmp_path).eval()
    assert torch.equal(logits(loaded, make_inputs()), logits(converted, make_inputs()))
    assert read_shapes({name: tensor.shape for name, tensor in loaded.state_dict().items()}) == loaded.config.mla


@pytest.mark.parametrize("shape", IMPOSSIBLE)
def test_impossible_shapes_are_refused(shape: LatentShape) -> None:
    with pytest.raises(BenchError, match=r"must|set 0|give one a layer"):
        make_converted({"self": shape}, "svd")


def test_what_cannot_be_shared_is_refused() -> None:
    with pytest.raises(BenchError, match="no latent serves all"):
        make_converted({"self": LatentShape(0, 6, shared=True)})
    with pytest.raises(BenchError, match="has one rank"):
        make_converted({"cross": LatentShape(4, 6, shared=True)})
    with pytest.raises(BenchError, match="save nothing by latents"):
        make_converted({"cross": LatentShape(0, (6, None))})


@pytest.mark.parametrize("name", LOSSLESS)
def test_attention_weights_are_the_originals(name: str) -> None:
    original, converted = make_model("eager"), make_converted(SHAPES[name], attention="eager")
    with torch.no_grad():
        one, other = (model(**make_inputs(), output_attentions=True) for model in (original, converted))
    for kind in ("decoder_attentions", "cross_attentions"):
        pairs = list(zip(one[kind], other[kind], strict=True))
        assert len(pairs) == 2
        assert max(float((a - b).abs().max()) for a, b in pairs) < 1e-5
