"""From files to a model of the class that they ask for, or to one line that says why not."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AutoModelForSpeechSeq2Seq, GenerationConfig, WhisperConfig, WhisperForConditionalGeneration

from bench.arms.finding import ArmSource
from bench.errors import BenchError
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.mla.named import convert_as
from bench.mla.shapes import read_shapes
from bench.mla.sizes import make_random_model
from bench.suite import RANDOM

ATTENTION = "sdpa"


@contextmanager
def reading_files(source: ArmSource) -> Iterator[None]:
    """Makes one line of whatever transformers, or a model's own code, raises over what it finds."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except BenchError:
        raise
    except Exception as error:  # noqa: BLE001 -- which one depends on the version, and on code that is not ours
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BenchError(
            f"arm {source.spec.id}: {source.folder} does not load: {reason}; export it anew, or run it where its code "
            "runs"
        ) from None


def open_model(source: ArmSource) -> Any:
    """Their own code, our latent attention, or a stock Whisper; converted where the arm is built from another.

    Raises BenchError where a folder is damaged or asks for what it may not have.
    """
    if source.files.model.startswith(RANDOM):
        model = make_random_model(source.files.model.removeprefix(RANDOM), ATTENTION)
        with reading_files(source):
            model.generation_config = GenerationConfig.from_pretrained(source.folder)
        return model if source.spec.built is None else _build(source, model)
    model_class, asked, settings = _model_class(source)
    with reading_files(source):
        model, loading = model_class.from_pretrained(
            source.folder,
            attn_implementation=ATTENTION,
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
    return model if source.spec.built is None else _build(source, model)


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
            with reading_files(source):
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
