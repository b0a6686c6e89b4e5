"""Arms as people bring them: generation settings that may not act, weights that are not whole, English-only models."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import GenerationConfig, WhisperForConditionalGeneration

from bench.arms import Arm, find_arm, load_arm
from bench.audio import read_audio
from bench.corpora.demo import read_demo
from bench.errors import BenchError
from bench.features import log_mel
from bench.runners.greedy import decode, encode, try_decoding
from bench.suite import ArmSpec, DecodeSpec
from tests.foreign import write_foreign

CONTROL = find_arm(ArmSpec(name="control", model="demo:48-control-seed0")).folder
SETTINGS = DecodeSpec(max_new_tokens=24)
FAILS = """
from transformers import WhisperForConditionalGeneration

class Model(WhisperForConditionalGeneration):
    def generate(self, *args, **kwargs):
        raise RuntimeError("no kernel for this\\nat all")
"""
Edit = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a demo model, to be changed."""
    return Path(shutil.copytree(CONTROL, tmp_path / "m"))


@pytest.fixture(scope="module")
def states() -> torch.Tensor:
    """Three demo clips as any copy of the model encodes them; in its transcripts some end before others."""
    arm = load(CONTROL)
    clips = [read_audio(clip.audio_bytes()) for clip in read_demo() if clip.language == "en"][:3]
    return encode(arm, log_mel(arm.extractor, clips, arm.model.device))


def load(folder: Path, languages: tuple[str, ...] = ("en",), **spec: Any) -> Arm:
    return load_arm(find_arm(ArmSpec(name="a", model=str(folder), **spec)), SETTINGS, languages)


def refusal(folder: Path, **spec: Any) -> str:
    with pytest.raises(BenchError) as caught:
        load(folder, **spec)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def write(folder: Path, file: str, **changes: Any) -> None:
    """Changes keys of a JSON file; those that become None go."""
    path = folder / file
    content = json.loads(path.read_text(encoding="utf-8")) | changes
    content = {key: value for key, value in content.items() if value is not None}
    path.write_text(json.dumps(content), encoding="utf-8")


def said(arm: Arm, states: torch.Tensor) -> list[tuple[str, int, str]]:
    return [(made.text, made.tokens, made.finish) for made in decode(arm, states, "en", SETTINGS.max_new_tokens)]


def test_some_clips_end_before_others(states: torch.Tensor) -> None:
    """Otherwise nothing is padded below."""
    assert len({tokens for _, tokens, _ in said(load(CONTROL), states)}) > 1


@pytest.mark.parametrize(
    "settings",
    [
        {"repetition_penalty": 1.8},
        {"no_repeat_ngram_size": 1},
        {"min_length": 20},
        {"min_new_tokens": 20},
        {"exponential_decay_length_penalty": [1, 5.0]},
        {"max_time": 0.0001},
        {"max_length": 6},
        {"num_beams": 4},
        {"do_sample": True, "temperature": 1.5},
        {"pad_token_id": 7},
        {"eos_token_id": 7},
        {"decoder_start_token_id": 5},
        {"forced_decoder_ids": [[1, 7], [2, 8]]},
        {"stop_strings": ["o"]},
        {"guidance_scale": 2.0},
        {"prompt_lookup_num_tokens": 3},
        {"compression_ratio_threshold": 1.35, "temperature": [0.0, 0.2]},
        {"logprob_threshold": -1.0, "no_speech_threshold": 0.6},
        {"return_dict_in_generate": True, "output_scores": True},
        {"is_multilingual": False},
        {"task_to_id": None},
        {"lang_to_id": None},
        {"lang_to_id": ["<|en|>"]},
        {"no_timestamps_token_id": None},
        {"language": "de", "task": "translate"},
        {"return_timestamps": True},
        {"cache_implementation": "static"},
        {"renormalize_logits": True, "bad_words_ids": [[3]], "sequence_bias": [[[4], 10.0]]},
        {"custom_generate": "x"},
    ],
    ids=lambda settings: "+".join(settings),
)
def test_no_generation_setting_changes_what_greedy_means(
    settings: dict[str, Any], folder: Path, states: torch.Tensor
) -> None:
    plain, before = said(load(folder), states), find_arm(ArmSpec(name="a", model=str(folder))).generation_settings()
    write(folder, "generation_config.json", **settings)
    arm = load(folder)
    assert said(arm, states) == plain
    assert arm.source.generation_settings() == before


def test_what_may_act_acts_and_is_recorded(folder: Path, states: torch.Tensor) -> None:
    arm = load(folder)
    letters = list(range(100))
    write(folder, "generation_config.json", suppress_tokens=letters)
    changed = load(folder)
    assert said(changed, states) != said(arm, states)
    assert changed.source.generation_settings()["suppress_tokens"] == letters


@pytest.mark.parametrize("tokens", ["7", [1.5], [True], [-1], {"7": 1}])
def test_suppressed_tokens_that_are_none_are_refused(tokens: Any, folder: Path) -> None:
    write(folder, "generation_config.json", suppress_tokens=tokens)
    assert "suppress_tokens in" in refusal(folder)


def test_what_would_fail_at_the_first_clip_fails_before(folder: Path) -> None:
    write_foreign(CONTROL, folder.parent / "foreign", "tuple")
    code = folder.parent / "foreign" / "code.py"
    code.write_text(FAILS, encoding="utf-8")
    arm = load(folder.parent / "foreign", trust_remote_code=True)
    with pytest.raises(BenchError, match="foreign does not load: no kernel for this; export it anew"):
        try_decoding(arm, "en")


def test_settings_of_a_checkpoint_older_than_generation_configs_are_read_from_its_config(folder: Path) -> None:
    (folder / "generation_config.json").unlink()
    write(folder, "config.json", suppress_tokens=[5], begin_suppress_tokens=[6], repetition_penalty=3.0)
    arm = load(folder)
    assert arm.source.generation_settings() == {"suppress_tokens": [5], "begin_suppress_tokens": [6]}
    assert arm.vocabulary.languages


def _without_layer(folder: Path) -> None:
    write(folder, "config.json", decoder_layers=1)


def _without_encoder_layers(folder: Path) -> None:
    write(folder, "config.json", encoder_layers=0)


def _with_layer(folder: Path) -> None:
    write(folder, "config.json", encoder_layers=3)


def _tensors(change: Callable[[dict[str, torch.Tensor]], None]) -> Edit:
    def edit(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        change(tensors)
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    return edit


def _fill(name: str, value: float) -> Edit:
    return _tensors(lambda tensors: tensors[name].view(-1)[5:6].fill_(value))


def _add(name: str) -> Edit:
    return _tensors(lambda tensors: tensors.update({name: torch.zeros(2, 2)}))


def _adapter(name: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / name).write_text("{}", encoding="utf-8")

    return edit


def _sharded(name: str, *, move: bool = True) -> Edit:
    """The weights under another name, which an index tells."""

    def edit(folder: Path) -> None:
        weights = folder / "model.safetensors"
        names = list(load_file(weights))
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        if target.suffix == ".bin":
            torch.save(load_file(weights), target)
        elif move:
            shutil.copy(weights, target)
        weights.unlink()
        index = {"metadata": {}, "weight_map": dict.fromkeys(names, name)}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (_without_layer, "says 1 decoder layers, the weights hold 2"),
        (_without_encoder_layers, "says 0 encoder layers, the weights hold 2"),
        (_with_layer, "says 3 encoder layers, the weights hold 2"),
        (_fill("model.decoder.layers.0.fc1.weight", float("nan")), "holds values that are no numbers"),
        (_fill("model.encoder.conv1.weight", float("inf")), "holds values that are no numbers"),
        (_fill("model.decoder.layer_norm.bias", float("-inf")), "holds values that are no numbers"),
        (_add("model.decoder.layers.0.self_attn.q_proj.lora_A.weight"), "merge the adapter"),
        (_add("model.decoder.adapter.down.weight"), "weights that nothing takes"),
        (_add("score.weight"), "weights that nothing takes"),
        (_adapter("adapter_config.json"), "holds an adapter (adapter_config.json)"),
        (_adapter("adapter_model.safetensors"), "holds an adapter"),
        (_adapter("adapter_model.bin"), "holds an adapter"),
        (_sharded("sub/w.safetensors"), "names sub/w.safetensors, which is no file beside it"),
        (_sharded("../outside.safetensors"), "which is no file beside it"),
        (_sharded("gone.safetensors", move=False), "names gone.safetensors, which is no file beside it"),
        (_sharded("w.bin"), "holds pickled weights"),
        (lambda folder: (folder / "model.safetensors").rename(folder / "w.safetensors"), "holds no .safetensors by"),
    ],
)
def test_weights_that_are_not_what_the_folder_says_are_refused(edit: Edit, message: str, folder: Path) -> None:
    edit(folder)
    assert message in refusal(folder)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"weight_map": []}', '{"weight_map": {"a": {}}}'])
def test_an_index_that_is_damaged_is_named(content: str, folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(content, encoding="utf-8")
    assert "model.safetensors.index.json" in refusal(folder)


def test_shards_are_one_model_and_their_bytes_its_fingerprint(folder: Path, states: torch.Tensor) -> None:
    plain = load(CONTROL)
    model = WhisperForConditionalGeneration.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="60KB")
    sharded = load(folder)
    assert len(sharded.source.weights) > 2
    assert said(sharded, states) == said(plain, states)
    assert sharded.source.tensor_shapes() == plain.source.tensor_shapes()
    shard = sharded.source.weights[-1]
    tensors = load_file(shard)
    next(iter(tensors.values())).view(-1)[0] += 1
    save_file(tensors, shard, metadata={"format": "pt"})
    assert load(folder).source.fingerprint != sharded.source.fingerprint


def test_shards_may_be_pickled_with_consent(folder: Path, states: torch.Tensor) -> None:
    plain = said(load(CONTROL), states)
    _sharded("w.bin")(folder)
    (folder / "model.safetensors.index.json").rename(folder / "pytorch_model.bin.index.json")
    assert "nor an index" in refusal(folder)
    assert said(load(folder, allow_pickle=True), states) == plain


def test_the_tokenizer_of_a_larger_model_is_refused(folder: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    last = max(token["id"] for token in tokenizer["added_tokens"])
    more = dict(tokenizer["added_tokens"][-1], id=last + 1, content="<|more|>")
    tokenizer["added_tokens"].append(more)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    assert "tokens, the model" in refusal(folder)


def test_english_only_models_are_told_neither_language_nor_task(folder: Path, states: torch.Tensor) -> None:
    """A tokenizer without languages makes one."""
    for name in ("tokenizer.json", "tokenizer_config.json"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(re.sub(r"<\|([a-z]{2,3})\|>", r"<|was-\1|>", text), encoding="utf-8")
    write(folder, "generation_config.json", lang_to_id=None, task_to_id=None, is_multilingual=False)
    arm = load(folder)
    assert arm.vocabulary.english_only
    assert arm.vocabulary.prompt("en") == [arm.vocabulary.start, arm.vocabulary.no_timestamps]
    assert arm.source.prompt_tokens() == 2
    assert said(arm, states)
    with pytest.raises(BenchError, match="arm a is English-only and cannot be asked for de, cy; take them out"):
        load(folder, ("en", "de", "cy"))


def test_what_arms_are_decoded_by_is_nothing_but_greedy_search(folder: Path) -> None:
    """Every other setting has transformers' default."""
    arm = load(folder)
    settings, default = arm.model.generation_config.to_dict(), GenerationConfig().to_dict()
    assert {key for key, value in settings.items() if value != default.get(key)} <= {
        *("decoder_start_token_id", "bos_token_id", "eos_token_id", "pad_token_id", "no_timestamps_token_id"),
        *("max_initial_timestamp_index", "max_length", "num_beams", "do_sample", "is_multilingual", "lang_to_id"),
        *("task_to_id", "suppress_tokens", "begin_suppress_tokens"),
    }
