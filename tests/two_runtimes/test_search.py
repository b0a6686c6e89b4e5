"""Our own greedy search says, token for token, what transformers' `generate` says of the same batch."""

import json
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import WhisperConfig, WhisperForConditionalGeneration

from bench.arms import Arm, find_arm, load_arm
from bench.audio import read_audio
from bench.conversion.saving import export
from bench.corpora import load_corpus
from bench.features import log_mel
from bench.runners.greedy import encode, generate
from bench.runners.search import Crosses, Drafts, Searcher
from bench.runners.search.batch import Batch
from bench.runners.search.caches import CrossCache
from bench.runners.search.searcher import is_known
from bench.suite import ArmSpec, load_suite
from tests.two_runtimes.models import FIVE

SUITE = load_suite("demo")
CONTROL = next(arm for arm in SUITE.arms if arm.name == "control")
CLIPS, BUDGET, PLACES = 14, 56, 4
"""Clips decoded, new tokens at most, and the prompt."""


@cache
def arm_of(model: str, attention: str = "sdpa", kv: str | None = None) -> Arm:
    spec = ArmSpec(name=f"{model.replace(':', '-')}-{kv}", model=model, kv=kv)
    settings = SUITE.decode.model_copy(update={"attention": attention})
    return load_arm(find_arm(spec, CONTROL if spec.built else None), settings, ["cy"])


@cache
def states_of(attention: str = "sdpa") -> Tensor:
    utterances = load_corpus(SUITE.corpus, ("cy",), SUITE.seed).utterances["cy"][:CLIPS]
    arm = arm_of("demo:96-control", attention)
    return encode(
        arm, log_mel(arm.extractor, [read_audio(each.audio_bytes()) for each in utterances], arm.model.device)
    )


def stock(arm: Arm, states: Tensor, budget: int = BUDGET) -> list[list[int]]:
    return generate(arm, states, "cy", budget, arm.new_cache())


def own(searcher: Searcher, states: Tensor, drafts: Sequence[Drafts], budget: int = BUDGET) -> list[list[int]]:
    return searcher.decode(states, "cy", budget, drafts, Crosses([searcher.arm]).take(searcher.arm))


def shared(searcher: Searcher, crosses: Crosses) -> list[list[int]]:
    """Without drafts, in a batch that several arms decode."""
    cross = crosses.take(searcher.arm)
    said = searcher.decode(states_of(), "cy", BUDGET, [{}] * CLIPS, cross)
    crosses.leave(searcher.arm, cross)
    return said


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("size", [1, 7, CLIPS])
@pytest.mark.parametrize(
    "model", ["demo:96-control", "demo:96-paper-62.5", "exact:control", "svd-87.5:control", "paper-62.5:control"]
)
def test_with_and_without_drafts_as_generate(model: str, size: int, attention: str) -> None:
    """Drafts that are right, wrong, shifted, too long, or none. `paper-62.5:control` is lost, and runs away."""
    arm, states = arm_of(model, attention), states_of(attention)
    searcher = Searcher(arm)
    generator = torch.Generator().manual_seed(0)
    for start in range(0, CLIPS, size):
        batch = states[start : start + size]
        said = stock(arm, batch)
        noise = torch.randint(4, arm.vocabulary.size, (len(batch), 70), generator=generator).tolist()
        right = [{"control": tokens} for tokens in said]
        shifted = [{"control": tokens[2:], "other": tokens[: len(tokens) // 2]} for tokens in said]
        wrong = [{"control": tokens} for tokens in noise]
        mixed = [{"control": [*a[:3], *b[:2], *a[4:]]} for a, b in zip(said, noise, strict=True)]
        for drafts in ([{}] * len(batch), right, shifted, wrong, mixed):
            assert own(searcher, batch, drafts) == said
    assert searcher.batches == 5 * -(-CLIPS // size)


@pytest.mark.parametrize("budget", [1, 2, 5])
def test_the_budget_ends_a_text_whatever_was_foreseen(budget: int) -> None:
    arm, states = arm_of("demo:96-control"), states_of()
    said = stock(arm, states)
    assert own(Searcher(arm), states, [{"control": tokens} for tokens in said], budget) == stock(arm, states, budget)
    assert max(map(len, stock(arm, states, budget))) == budget


def test_right_drafts_take_few_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []
    feed = Batch.feed
    monkeypatch.setattr(Batch, "feed", lambda batch, *given: (passes.append(len(given[0])), feed(batch, *given))[1])
    arm, states = arm_of("demo:96-control"), states_of()
    said = stock(arm, states)
    searcher = Searcher(arm)
    for _ in range(6):
        passes.clear()
        own(searcher, states, [{"control": tokens} for tokens in said])
    assert len(passes) <= max(map(len, said)) / 3
    passes.clear()
    own(Searcher(arm), states, [{}] * CLIPS)
    assert len(passes) == max(map(len, said)) + 1


@pytest.mark.parametrize("model", ["demo:96-control", "svd-87.5:control"])
def test_8_bit_caches_go_through_generate_with_cross_attention_rounded_once(model: str) -> None:
    plain, rounded = arm_of(model), arm_of(model, kv="int8")
    searchers = [Searcher(plain), Searcher(rounded)]
    crosses = Crosses([plain, rounded])
    for searcher in searchers:
        assert shared(searcher, crosses) == stock(searcher.arm, states_of())
    assert searchers[1].batches == 0
    assert own(Searcher(rounded), states_of(), [{}] * CLIPS) == stock(rounded, states_of())


def test_cross_attention_is_computed_once_for_arms_that_share_it() -> None:
    """And is let go once nobody waits for it."""
    left: list[CrossCache] = []

    class Watched(Crosses):
        """Remembers what arms read."""

        def leave(self, arm: Arm, cross: CrossCache) -> None:
            left.append(cross)
            super().leave(arm, cross)

    arms = [arm_of(model) for model in ("demo:96-control", "svd-87.5:control", "exact:control")]
    crosses = Watched(arms)
    for arm in arms:
        assert shared(Searcher(arm), crosses) == stock(arm, states_of())
    assert arms[0].cross_key == arms[1].cross_key != arms[2].cross_key
    keys = [[layer.keys for layer in cache.layers] if FIVE else cache.key_cache for cache in left]
    assert [states.data_ptr() for states in keys[0]] == [states.data_ptr() for states in keys[1]]
    assert all(len(states) == CLIPS for states in keys[0])
    assert keys[2] == []
    assert not crosses._kept


def test_heads_of_another_number_share_nothing(tmp_path: Path) -> None:
    """Of the same weights: what is cached has another shape."""
    plain = arm_of("demo:96-control")
    folder = Path(shutil.copytree(plain.source.folder, tmp_path / "m"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["decoder_attention_heads"] *= 2
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    wide = load_arm(find_arm(ArmSpec(name="wide", model=str(folder))), SUITE.decode, ["cy"])
    arms = [plain, wide]
    assert arms[0].encoder_key == arms[1].encoder_key
    crosses = Crosses(arms)
    for arm in arms:
        assert shared(Searcher(arm), crosses) == stock(arm, states_of())


def test_a_tie_is_taken_again_by_generate() -> None:
    """Two tokens of one embedding have one logit: which comes first must be plain decoding's choice."""
    arm = arm_of("demo:96-control")
    said = stock(arm, states_of())
    token = said[0][0]
    twin = load_arm(arm.source, arm.settings, ["cy"])
    unused = next(i for i in range(4, arm.vocabulary.size) if not any(i in row for row in said))
    weights = twin.model.get_output_embeddings().weight
    with torch.no_grad():
        weights[unused] = weights[token]
    searcher = Searcher(twin)
    assert own(searcher, states_of(), [{"control": tokens} for tokens in said]) == stock(twin, states_of())
    assert (searcher.batches, searcher.again) == (1, 1)


def test_where_ties_are_everywhere_own_search_is_given_up() -> None:
    arm = arm_of("demo:96-control")
    flat = load_arm(arm.source, arm.settings, ["cy"])
    with torch.no_grad():
        flat.model.get_output_embeddings().weight.zero_()
    searcher = Searcher(flat)
    for _ in range(30):
        assert own(searcher, states_of()[:2], [{}] * 2, budget=3) == stock(flat, states_of()[:2], 3)
    assert searcher.batches < 20


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_left_to_generate(dtype: str) -> None:
    arm = arm_of("demo:96-control")
    half = load_arm(arm.source, arm.settings.model_copy(update={"dtype": dtype}), ["cy"])
    states = states_of().to(half.model.dtype)
    searcher = Searcher(half)
    assert own(searcher, states, [{}] * CLIPS) == stock(half, states)
    assert searcher.batches == 0


def test_which_models_are_known(tmp_path: Path) -> None:
    """A stock Whisper, ours, and ours from the code that it was exported with; nobody else's."""

    class Others(WhisperForConditionalGeneration):
        """Somebody's own forward."""

    export(find_arm(ArmSpec(name="arm", model="demo:96-paper-62.5")), tmp_path / "exported")
    spec = ArmSpec(name="arm", model=str(tmp_path / "exported"), trust_remote_code=True)
    exported = load_arm(find_arm(spec), SUITE.decode, ["cy"])
    assert is_known(arm_of("demo:96-control").model)
    assert is_known(arm_of("demo:96-paper-62.5").model)
    assert is_known(exported.model)
    assert own(Searcher(exported), states_of(), [{}] * CLIPS) == stock(exported, states_of())
    small = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "vocab_size": 60, "pad_token_id": 0}
    assert not is_known(Others(WhisperConfig(**small, encoder_attention_heads=2, decoder_attention_heads=2)))
