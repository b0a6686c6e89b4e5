"""Models: found, fingerprinted, loaded, and told apart by their encoders."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from transformers import (
    AutoModelForSpeechSeq2Seq,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperTokenizer,
)
from transformers.utils import logging as transformers_logging

from bench.errors import BenchError
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.suite import ArmSpec, DecodeSpec

ATTENTION = "sdpa"
PROMPT_TOKENS = 4
"""<|startoftranscript|>, language, task, <|notimestamps|>."""

MODEL_FILES = ("*.safetensors", "*.json", "*.txt", "*.py")
PICKLED_FILES = ("*.bin",)


@dataclass(frozen=True)
class ArmSource:
    """An arm whose files are on this machine; `fingerprint` is a hash of everything in them that can move a number."""

    spec: ArmSpec
    folder: Path
    fingerprint: str


@dataclass(frozen=True)
class Arm:
    """A loaded arm. Arms of equal `encoder_key` turn the same audio into the same encoder states."""

    source: ArmSource
    model: Any
    extractor: WhisperFeatureExtractor
    tokenizer: WhisperTokenizer
    encoder_key: str


def find_arm(spec: ArmSpec) -> ArmSource:
    """Resolves demo:NAME, a folder or a hub id. Raises BenchError saying what could not be had and how to get it."""
    folder = _demo_folder(spec) if spec.model.startswith("demo:") else _folder_or_snapshot(spec)
    if not (folder / "config.json").is_file():
        raise BenchError(f"arm {spec.name}: {folder} holds no config.json, so it is no model folder; mend `model`")
    if not list(folder.glob("*.safetensors")) and not spec.allow_pickle:
        raise BenchError(
            f"arm {spec.name}: {folder} holds no .safetensors; convert the weights, or set allow_pickle = true "
            "if you trust whoever pickled them"
        )
    return ArmSource(spec, folder, _hash_files(folder))


def _demo_folder(spec: ArmSpec) -> Path:
    models = Path(str(files("bench.demo") / "models"))
    folder = models / spec.model.removeprefix("demo:")
    if not folder.is_dir():
        names = ", ".join(sorted(f"demo:{path.name}" for path in models.iterdir()))
        raise BenchError(f"arm {spec.name}: no model {spec.model}; the demo has {names}")
    return folder


def _folder_or_snapshot(spec: ArmSpec) -> Path:
    folder = Path(spec.model)
    if folder.is_dir():
        return folder
    if folder.is_absolute():
        raise BenchError(f"arm {spec.name}: no model folder {folder}; mend `model` in the suite")
    patterns = MODEL_FILES + (PICKLED_FILES if spec.allow_pickle else ())
    try:
        return Path(snapshot_download(spec.model, revision=spec.revision, allow_patterns=list(patterns)))
    except HFValidationError:
        raise BenchError(
            f"arm {spec.name}: {spec.model!r} is neither a folder here nor a hub id; mend `model`"
        ) from None
    except LocalEntryNotFoundError:
        raise BenchError(
            f"arm {spec.name}: {spec.model} is no folder here and the hub cannot be reached; "
            "give a local folder, or download the model where there is a network"
        ) from None
    except (HfHubHTTPError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise BenchError(f"arm {spec.name}: {spec.model} could not be had from the hub: {reason}") from None


def _hash_files(folder: Path) -> str:
    """Over the names and bytes of weights, configuration, tokenizer and code, in sorted order."""
    digest = blake2b(digest_size=8)
    for path in sorted(path for pattern in MODEL_FILES + PICKLED_FILES for path in folder.glob(pattern)):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def load_arm(source: ArmSource, decode: DecodeSpec, languages: Sequence[str]) -> Arm:
    """Loads in the suite's dtype, on its device. Raises BenchError where the arm cannot do what the suite asks."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    spec = source.spec
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model, loading = _model_class(source).from_pretrained(
                source.folder,
                attn_implementation=ATTENTION,
                use_safetensors=not spec.allow_pickle or None,
                output_loading_info=True,
                **({"trust_remote_code": True} if spec.trust_remote_code else {}),
            )
        extractor = WhisperFeatureExtractor.from_pretrained(source.folder)
        tokenizer = WhisperTokenizer.from_pretrained(source.folder)
    except (OSError, ValueError, KeyError) as error:
        raise BenchError(f"arm {spec.name}: {source.folder} does not load: {_first_line(error)}") from None
    if missing := sorted(loading["missing_keys"]):
        raise BenchError(
            f"arm {spec.name}: {source.folder} lacks the weights {', '.join(missing[:3])}; re-export the model"
        )
    _require_fits(spec, model, decode, languages)
    model = model.to(getattr(torch, decode.dtype)).to(require_device(decode.device)).eval()
    return Arm(source, model, extractor, tokenizer, _encoder_key(model, extractor))


def require_device(name: str) -> torch.device:
    """The device that the suite names: used or refused."""
    if name == "cuda" and not torch.cuda.is_available():
        raise BenchError('decode.device = "cuda": no CUDA GPU here; set device = "cpu" or run where there is one')
    return torch.device(name)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _model_class(source: ArmSource) -> Any:
    config = json.loads((source.folder / "config.json").read_text(encoding="utf-8"))
    if source.spec.trust_remote_code:
        return AutoModelForSpeechSeq2Seq
    if "auto_map" in config:
        raise BenchError(
            f"arm {source.spec.name}: {source.folder} runs code of its own; set trust_remote_code = true "
            "if you have read it"
        )
    if WhisperMLAForConditionalGeneration.__name__ in config.get("architectures", []):
        return WhisperMLAForConditionalGeneration
    return WhisperForConditionalGeneration


def _require_fits(spec: ArmSpec, model: Any, decode: DecodeSpec, languages: Sequence[str]) -> None:
    room = model.config.max_target_positions - PROMPT_TOKENS
    if decode.max_new_tokens > room:
        raise BenchError(
            f"decode.max_new_tokens = {decode.max_new_tokens}: arm {spec.name} has room for at most {room}"
        )
    known = getattr(model.generation_config, "lang_to_id", None) or {}
    if unknown := [language for language in languages if f"<|{language}|>" not in known]:
        raise BenchError(
            f"languages: arm {spec.name} has no token for {', '.join(unknown)}; take them out or change the arm"
        )


def hash_weights(module: torch.nn.Module) -> str:
    """Hash of the names, shapes and bytes of a module's parameters and buffers."""
    digest = blake2b(digest_size=16)
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(f"{name}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.contiguous().cpu().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _encoder_key(model: Any, extractor: WhisperFeatureExtractor) -> str:
    """Everything between audio and encoder states: front end, weights as loaded, class, dtype, attention, device."""
    encoder = model.get_encoder()
    front_end = json.dumps(extractor.to_dict(), sort_keys=True, default=str)
    parts = (front_end, type(encoder).__qualname__, model.dtype, ATTENTION, model.device, hash_weights(encoder))
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=16).hexdigest()
