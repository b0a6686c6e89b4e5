"""bench convert and bench export as typed; what is measured of a conversion, by oracle; what cannot be asked for."""

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from bench.arms import Arm, find_arm, load_arm
from bench.conversion import choose_clips, convert_arm, converting, making, save_conversion
from bench.conversion.damage import divergence, reconstruct
from bench.conversion_request import ConversionRequest
from bench.errors import BenchError
from bench.mla.convert import expand
from bench.mla.moments import collect_moments
from bench.mla.shapes import LatentShape, Module
from bench.suite import ArmSpec, DecodeSpec
from tests.conftest import Command, refusal, write_clips, write_suite
from tests.two_runtimes.models import SHAPES, calibration, make_converted, make_model

BALANCED = ConversionRequest.of_options("decoder-self", "balanced", 0.75, None, None)


def nothing(count: int) -> None:
    """No progress bar."""


@pytest.fixture(scope="module")
def arm() -> Arm:
    return load_arm(find_arm(ArmSpec(name="control", model="demo:96-control")), DecodeSpec(max_new_tokens=1), ["cy"])


def test_a_model_is_converted_run_and_exported(bench: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    manifest = write_clips(tmp_path / "clips")
    made = bench("convert", model_folders["control"], "mla", "--cache-cut", 0.75, "--even", "--calibration", manifest)
    assert made.returncode == 0, made.stderr
    assert "96 → 24 (−75.0 %)" in made.stdout
    assert "192 → 48 (−75.0 %)" in made.stdout
    assert "KL divergence to the original" in made.stdout
    assert "on 2 clips of manifest/clips, made with 10 others" in made.stdout
    record = json.loads((tmp_path / "mla" / "conversion.json").read_text(encoding="utf-8"))
    assert record["request"]["init"] == "balanced"
    assert record["shapes"] == {"self": {"kept": 0, "rank": 24}}
    assert record["calibration"] == {"heard": ["de", "en"], "read": []}
    assert "caution" not in made.stderr
    suite = write_suite(tmp_path / "s.toml", model_folders | {"converted": tmp_path / "mla"}, manifest)
    assert bench("run", suite).returncode == 0
    exported = bench("export", "mla", "exported")
    assert exported.returncode == 0, exported.stderr
    assert (tmp_path / "exported" / "modeling_whisper_mla.py").is_file()
    again = bench("convert", model_folders["control"], "mla", "--init", "exact")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "bench: mla: exists already and is not empty; name another folder or remove it\n"


def test_widths_are_allocated_unless_they_are_to_be_even(bench: Command, tmp_path: Path) -> None:
    """And whatever was allocated is run, exported and budgeted; a second cut finds the curves of the first."""
    given = ("demo:48-base", "--calibration", "demo", "--clips", 4)
    made = bench("convert", given[0], "mla", "--cache-cut", 0.75, *given[1:])
    assert made.returncode == 0, made.stderr
    assert "| self 0 | " in made.stdout
    assert "measuring widths" in made.stderr
    record = json.loads((tmp_path / "mla" / "allocation.json").read_text(encoding="utf-8"))
    ranks = [site["rank"] for site in record["sites"]]
    assert sum(ranks) <= 2 * 24
    assert json.loads((tmp_path / "mla" / "config.json").read_text(encoding="utf-8"))["mla"]["self"]["rank"] in (
        ranks,
        ranks[0],
    )
    assert (tmp_path / "mla" / "allocation.png").is_file()
    (curves,) = tmp_path.glob("curves-*.json")
    again = bench("convert", given[0], "harder", "--cache-cut", 0.875, *given[1:])
    assert again.returncode == 0, again.stderr
    assert "measuring widths" not in again.stderr
    curves.write_text("[]", encoding="utf-8")
    refused = bench("convert", given[0], "third", "--cache-cut", 0.875, *given[1:])
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.endswith("does not hold the curves it is named after; delete it\n")
    assert not (tmp_path / "third").exists()


def test_the_least_that_loses_no_more_shares_one_latent(bench: Command, tmp_path: Path) -> None:
    given = ("--modules", "decoder-self,cross", "--share-cross", "--calibration", "demo", "--clips", 4)
    made = bench("convert", "demo:48-base", "least", "--max-divergence", 0.05, *given)
    assert made.returncode == 0, made.stderr
    record = json.loads((tmp_path / "least" / "conversion.json").read_text(encoding="utf-8"))
    assert record["damage"]["divergence"] <= 0.05
    assert record["shapes"]["cross"]["shared"]
    budget = bench("memory", "--budget", "least", "--tokens", 20)
    assert budget.returncode == 0, budget.stderr
    assert "as converted, int8 cache" in budget.stdout
    rounded = bench("convert", "demo:48-base", "rounded", "--max-divergence", 0.0005, "--kv", "int8", *given)
    assert rounded.returncode == 0, rounded.stderr
    assert "with its cache in 8 bits" in rounded.stdout
    exported = bench("export", "least", "exported")
    assert exported.returncode == 0, exported.stderr
    assert (tmp_path / "exported" / "allocation.json").is_file()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--cache-cut", 0.99999), "cache cut 0.99999: must lie between 0 and 1"),
        (("--cache-cut", 0.993), "a value of each latent alone takes"),
        (("--max-divergence", 0), "--max-divergence 0: must be above 0"),
        (("--max-divergence", 0.1, "--even"), "leave out --even"),
        (("--cache-cut", 0.5, "--share-cross"), "--share-cross: goes with --modules cross"),
        (("--cache-cut", 0.5, "--tokens", 9), "--tokens: is where widths of cross-attention"),
        (("--rank", 9, "--allocate"), "--allocate: allocates widths"),
        (("--rank", 9, "--kv", "int4"), "--kv int4: must be int8"),
        (("--cache-cut", 0.5, "--init", "svd", "--allocate"), "--allocate: allocates widths"),
        (("--cache-cut", 0.5, "--even", "--share-cross", "--modules", "cross"), "with --even say the latent's --rank"),
    ],
)
def test_widths_that_cannot_be_are_refused(
    bench: Command, tmp_path: Path, options: tuple[Any, ...], complaint: str
) -> None:
    refused = bench("convert", "demo:48-base", "mla", "--calibration", "demo", "--clips", 4, *options)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert complaint in refused.stderr.splitlines()[-1]
    assert not (tmp_path / "mla").exists()


def test_exact_needs_no_clips(bench: Command, tmp_path: Path) -> None:
    made = bench("convert", "demo:96-control", "exact", "--init", "exact", "--modules", "decoder-self,cross")
    assert made.returncode == 0, made.stderr
    assert "82,176 → 26,688 (−67.5 %) at 64 tokens" in made.stdout
    assert "damage: not measured without clips" in made.stdout
    assert json.loads((tmp_path / "exact" / "conversion.json").read_text(encoding="utf-8"))["calibration"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"modules": "encoder", "cut": 0.5}, "--modules 'encoder': must be decoder-self, cross"),
        ({"init": "pca", "cut": 0.5}, "--init pca: must be one of paper, svd, activation, balanced, exact"),
        ({}, "give one of --cache-cut"),
        ({"cut": 0.5, "rank": 8}, "give one of --cache-cut"),
        ({"cut": 0.5, "kept": 8}, "--kept: goes with --rank"),
        ({"init": "exact", "rank": 8}, "--rank: exact has no width to choose"),
        ({"init": "svd", "rank": 8, "kept": 8}, "svd puts every key dimension into the latent"),
        ({"init": "paper", "rank": 8}, "paper keeps key dimensions; say how many"),
    ],
)
def test_requests_that_contradict_themselves(options: dict[str, Any], message: str) -> None:
    given = {"modules": "decoder-self", "init": "balanced", "cut": None, "rank": None, "kept": None} | options
    with pytest.raises(BenchError, match=message):
        ConversionRequest.of_options(**given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--cache-cut", "0.3"], "the latent would be wider than the model"),
        (["--rank", "97"], "rank = 97: must lie between 1 and the model's width 96"),
        (["--rank", "8", "--kept", "7"], "kept = 7: must be a multiple of the 4 heads"),
        (["--cache-cut", "0.75"], "--init balanced: needs clips; give --calibration SUITE or a manifest"),
        (["--cache-cut", "0.75", "--calibration", "nowhere.tsv"], "nowhere.tsv: no such manifest"),
        (
            ["--cache-cut", "0.75", "--calibration", "nonesuch"],
            "neither a manifest (.json, .jsonl, .tsv) nor a suite",
        ),
        (["--cache-cut", "nan"], "cache cut nan: must lie between 0 and 1"),
    ],
)
def test_impossible_conversions_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in refusal("convert", "demo:96-control", "out", *options)
    assert list(tmp_path.iterdir()) == []


def test_a_converted_model_cannot_be_converted_again(arm: Arm) -> None:
    latent = load_arm(find_arm(ArmSpec(name="a", model="demo:96-svd-93.75")), DecodeSpec(max_new_tokens=1), ["cy"])
    with pytest.raises(BenchError, match="is converted already"):
        convert_arm(latent, ConversionRequest(("self",), "svd", 0.75, None, 0), None, nothing)


def test_clips_of_a_language_the_model_lacks(bench: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    manifest = write_clips(tmp_path / "clips", languages=("xx",))
    refused = bench("convert", model_folders["control"], "out", "--cache-cut", 0.75, "--calibration", manifest)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "has no token for xx" in refused.stderr


def test_a_manifest_without_languages_is_refused(tmp_path: Path) -> None:
    manifest = write_clips(tmp_path / "clips")
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("\ten\n", "\t\n"), encoding="utf-8")
    with pytest.raises(BenchError, match="line 2 names no language"):
        choose_clips(str(manifest), 4)
    with pytest.raises(BenchError, match="too few clips to hold one back"):
        choose_clips(str(write_clips(tmp_path / "more")), 3)


def test_what_is_measured_is_measured_on_clips_not_seen(arm: Arm, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = choose_clips("demo", 4)
    assert (len(clips.seen), len(clips.held_back)) == (33, 11)
    assert not {clip.id for clip in clips.seen} & {clip.id for clip in clips.held_back}
    given: dict[str, list[int]] = {"moments": [], "divergence": []}

    def tell(name: str, taken: Any, function: Any) -> Any:
        def told(*arguments: Any) -> Any:
            batches = list(arguments[taken])
            given[name].append(len(batches))
            return function(*arguments[:taken], batches, *arguments[taken + 1 :])

        return told

    for module in (making, converting):
        monkeypatch.setattr(module, "collect_moments", tell("moments", 1, collect_moments))
    monkeypatch.setattr(making, "divergence", tell("divergence", 2, divergence))
    damage = convert_arm(arm, BALANCED, clips, nothing).damage
    assert given == {"moments": [33, 11], "divergence": [11]}  # the latter moments measure the reconstruction
    assert damage is not None
    assert (damage.seen, damage.held_back, damage.passed_over) == (33, 11, 0)
    assert set(damage.made_with) == {f"{clip.language}/{clip.id}" for clip in clips.seen}
    assert "tests on" in clips.caution


def test_clips_that_cannot_be_used_are_counted(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """The random model's window is 3 seconds."""
    manifest = write_clips(tmp_path / "clips", languages=("en",), clips=8)
    tone = 0.1 * np.sin(np.arange(5 * 16_000) / 7)
    soundfile.write(tmp_path / "clips" / "en0.wav", tone, 16_000)
    (tmp_path / "clips" / "en1.wav").write_bytes(b"no audio")
    source = find_arm(ArmSpec(name="a", model=str(model_folders["control"])))
    model = load_arm(source, DecodeSpec(max_new_tokens=1), ["en"])
    damage = convert_arm(model, BALANCED, choose_clips(str(manifest), 8), nothing).damage
    assert damage is not None
    assert (damage.seen + damage.held_back, damage.passed_over) == (6, 2)
    more = write_clips(tmp_path / "more", clips=8)
    for i in range(8):
        shutil.copyfile(tmp_path / "clips" / "en1.wav", tmp_path / "more" / f"de{i}.wav")
    both = load_arm(source, DecodeSpec(max_new_tokens=1), ["en", "de"])
    converted = convert_arm(both, BALANCED, choose_clips(str(more), 8), nothing)
    assert (
        converted.caution
        == "calibration of this model never heard de; what is lost there may be the calibration's doing"
    )
    for i in range(8):
        soundfile.write(tmp_path / "clips" / f"en{i}.wav", tone, 16_000)
    with pytest.raises(BenchError, match="every clip is unreadable or longer than the model's window"):
        convert_arm(model, BALANCED, choose_clips(str(manifest), 8), nothing)


def test_a_head_that_asks_nothing_is_no_trouble(arm: Arm) -> None:
    """Its rows weigh nothing, and must not overflow when the weighing is undone."""
    silent = copy.deepcopy(arm.model)
    for layer in silent.model.decoder.layers:
        layer.self_attn.q_proj.weight.data[:24] = 0
        layer.self_attn.q_proj.bias.data[:24] = 0
    damage = convert_arm(replace(arm, model=silent), BALANCED, choose_clips("demo", 4), nothing).damage
    assert damage is not None
    assert 0 < damage.divergence < 0.1


def test_weights_are_stored_in_the_dtype_of_the_tensors(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """Whatever the config says: rounding would make exact conversion lossy."""
    folder = tmp_path / "claims"
    shutil.copytree(model_folders["control"], folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"dtype": "float16", "torch_dtype": "float16"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    model = load_arm(find_arm(ArmSpec(name="a", model=str(folder))), DecodeSpec(max_new_tokens=1), ["en"])
    request = ConversionRequest.of_options("decoder-self,cross", "exact", None, None, None)
    save_conversion(convert_arm(model, request, None, nothing), request, model, tmp_path / "exact")
    back = load_arm(find_arm(ArmSpec(name="b", model=str(tmp_path / "exact"))), DecodeSpec(max_new_tokens=1), ["en"])
    key = "model.encoder.conv1.weight"
    assert torch.equal(back.model.state_dict()[key], model.model.state_dict()[key])
    assert back.model.state_dict()[key].half().float().ne(back.model.state_dict()[key]).any()


@pytest.mark.parametrize("module", ["self", "cross"])
def test_the_reconstruction_error_is_that_of_keys_and_values(module: Module) -> None:
    """Against the definition: keys and values computed from the inputs themselves."""
    original, converted = make_model(), make_converted({module: LatentShape(8, 10)})
    name = {"self": "self_attn", "cross": "encoder_attn"}[module]
    before, after = (getattr(model.model.decoder.layers[1], name) for model in (original, converted))
    inputs: list[torch.Tensor] = []
    hook = before.k_proj.register_forward_hook(lambda layer, args, output: inputs.append(args[0].flatten(0, 1)))
    moments = collect_moments(original, calibration(), (module,))[module][1]
    hook.remove()
    x = torch.cat(inputs).double()
    found = reconstruct(before, after, moments)
    for matrix, made, error in zip(
        (before.k_proj.weight, before.v_proj.weight), expand(after), (found.keys, found.values), strict=True
    ):
        true, approximate = x @ matrix.double().T, x @ made.double().T
        assert error == pytest.approx(((true - approximate).norm() / true.norm()).item())
        assert 0.05 < error < 1


@pytest.mark.parametrize("name", [name for name in SHAPES if name.startswith("exact")])
def test_exact_conversion_reconstructs_everything(name: str) -> None:
    original, converted = make_model(), make_converted(SHAPES[name])
    assert divergence(original, converted, calibration(), 4) < 1e-6
    moments = collect_moments(original, calibration())["self"]
    if "self" in SHAPES[name]:
        found = reconstruct(
            original.model.decoder.layers[0].self_attn, converted.model.decoder.layers[0].self_attn, moments[0]
        )
        assert found.keys == found.values == 0


def test_divergence_is_the_definitions() -> None:
    original, converted = make_model(), make_converted({"self": LatentShape(0, 6)})
    taught = calibration()[0]
    with torch.no_grad():
        p, q = (
            model(encoder_outputs=(taught.states,), decoder_input_ids=taught.ids).logits[:, 3:].softmax(-1)
            for model in (original, converted)
        )
    expected = torch.nn.functional.kl_div(q.log(), p, reduction="none").sum(-1).mean()
    assert divergence(original, converted, [taught], 4) == pytest.approx(float(expected), rel=1e-3)
    assert divergence(original, converted, calibration(), 4) > 0
    assert divergence(original, original, calibration(), 4) == 0


def test_weighing_by_what_is_seen_and_asked_damages_least(arm: Arm) -> None:
    """On the demo's trained control, at a hard cut."""
    clips = choose_clips("demo", 8)
    nats = {}
    for init in ("paper", "svd", "activation", "balanced"):
        request = ConversionRequest.of_options("decoder-self", init, 0.875, None, None)
        damage = convert_arm(arm, request, clips, nothing).damage
        assert damage is not None
        nats[init] = damage.divergence
    assert min(nats, key=lambda init: nats[init]) == "balanced"
    assert nats["balanced"] < nats["svd"] / 3 < nats["paper"] / 3


def test_cross_attention_is_converted_too(arm: Arm) -> None:
    request = ConversionRequest.of_options("decoder-self,cross", "balanced", 0.75, None, None)
    conversion = convert_arm(arm, request, choose_clips("demo", 8), nothing)
    before, after = conversion.layouts
    assert [(sum(own), sum(cross)) for own, cross in zip(before.own, before.cross, strict=True)] == [(192, 192)] * 2
    assert [(sum(own), sum(cross)) for own, cross in zip(after.own, after.cross, strict=True)] == [(48, 48)] * 2
    assert after.states == 0
    assert {layer.module for layer in conversion.layers} == {"self", "cross"}
    assert conversion.damage is not None
    assert 0 < conversion.damage.divergence < 0.2
