"""From files to a model of the class that they ask for, or to one line that says why not."""

from typing import Any

import torch
from transformers import AutoModelForSpeechSeq2Seq, WhisperConfig, WhisperForConditionalGeneration

from bench.arms.reading import reading_files
from bench.arms.source import ArmSource
from bench.arms.weights import require_sizes
from bench.errors import BenchError
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.mla.named import convert_as
from bench.mla.shapes import read_shapes
from bench.mla.sizes import make_random_model
from bench.suite import RANDOM


def open_model(source: ArmSource, attention: str) -> Any:
    """Their own code, our latent attention, or a stock Whisper; converted where the arm is built from another.

    Raises BenchError where a folder is damaged or asks for what it may not have.
    """
    if source.files.model.startswith(RANDOM):
        model = make_random_model(source.files.model.removeprefix(RANDOM), attention)
        return model if source.spec.built is None else _build(source, model)
    model_class, asked, settings = _model_class(source)
    try:
        require_sizes(source.folder, source.read_json("config.json"), source.tensor_shapes())
    except BenchError as error:
        raise BenchError(f"arm {source.spec.id}: {error}") from None
    with reading_files(source.spec.id, source.folder):
        model, loading = model_class.from_pretrained(
            source.folder,
            attn_implementation=attention,
            use_safetensors=not source.files.allow_pickle or None,
            output_loading_info=True,
            torch_dtype=torch.float32,  # holds every dtype exactly; otherwise each version has its own default
            **settings,
        )
    if type(model).__name__ != asked:
        raise BenchError(
            f"arm {source.spec.id}: {source.folder} asks for {asked} and loads as {type(model).__name__}; mend "
            "auto_map in its config.json"
        )
    if missing := sorted(loading["missing_keys"]):
        raise BenchError(
            f"arm {source.spec.id}: {source.folder} lacks weights ({missing[0]}, …); export the model anew"
        )
    if unused := sorted(loading["unexpected_keys"]):
        way_out = "merge the adapter into the model" if "lora_" in unused[0] else "export the model anew"
        raise BenchError(
            f"arm {source.spec.id}: {source.folder} holds weights that nothing takes ({unused[0]}, …); {way_out}"
        )
    _require_numbers(source, model)
    return model if source.spec.built is None else _build(source, model)


def _require_numbers(source: ArmSource, model: Any) -> None:
    """A weight that is none makes every transcript a row of "!", which would enter tables as a rate."""
    for name, tensor in model.state_dict().items():
        if not bool(torch.isfinite(tensor).all()):
            raise BenchError(
                f"arm {source.spec.id}: {name} in {source.folder} holds values that are no numbers; export it anew"
            )


def _model_class(source: ArmSource) -> tuple[Any, str, dict[str, Any]]:
    """The class to load with, the name of the one that is asked for, and what else loading takes.

    Latent attention is known by its tensors and has their widths, whatever the config claims.
    """
    config = source.read_json("config.json")
    if "auto_map" in config:
        if not source.files.trust_remote_code:
            raise BenchError(
                f"arm {source.spec.id}: {source.folder} runs code of its own; set trust_remote_code = true "
                "if you have read it"
            )
        if elsewhere := [entry for entry in _entries(config["auto_map"]) if "--" in entry]:
            raise BenchError(
                f"arm {source.spec.id}: {source.folder} runs code of another repository ({elsewhere[0]}), which no "
                "revision pins; copy that code beside the model and read it"
            )
        named = config["auto_map"] if isinstance(config["auto_map"], dict) else {}
        asked = named.get(AutoModelForSpeechSeq2Seq.__name__)
        if not isinstance(asked, str):
            raise BenchError(
                f"arm {source.spec.id}: auto_map in the config.json of {source.folder} names no "
                f"{AutoModelForSpeechSeq2Seq.__name__}, so its code would be ignored; add it"
            )
        return AutoModelForSpeechSeq2Seq, asked.rpartition(".")[2], {"trust_remote_code": True}
    latents = read_shapes(source.tensor_shapes())
    if latents or "mla" in config:
        settings = {}
        if latents:
            with reading_files(source.spec.id, source.folder):
                settings["config"] = WhisperConfig.from_pretrained(source.folder)
            settings["config"].mla = latents
        return WhisperMLAForConditionalGeneration, WhisperMLAForConditionalGeneration.__name__, settings
    return WhisperForConditionalGeneration, WhisperForConditionalGeneration.__name__, {}


def _entries(auto_map: Any) -> list[str]:
    """Every class that an auto_map names; an entry may be a list, or null."""
    entries = auto_map.values() if isinstance(auto_map, dict) else [auto_map]
    return [str(name) for entry in entries for name in (entry if isinstance(entry, list) else [entry])]


def _build(source: ArmSource, model: Any) -> Any:
    """The conversion that the arm is of the one whose files were opened."""
    conversion, _ = source.spec.built or ("", "")
    if type(model) is not WhisperForConditionalGeneration:
        raise BenchError(
            f"arm {source.spec.id}: {source.spec.model} is built from a stock Whisper, and {source.files.id} is a "
            f"{type(model).__name__}; name an unconverted arm"
        )
    try:
        return convert_as(conversion, model)
    except BenchError as error:
        raise BenchError(f"arm {source.spec.id}: {source.spec.model}: {error}") from None
