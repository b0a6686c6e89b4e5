"""From a CTranslate2 folder to a model that can do what the suite asks, or to one line that says why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.errors import BenchError
from bench.languages import code_of
from bench.runners.recognisers.ctranslate2_files import CTranslate2Source
from bench.suite import ArmSpec, Suite

POSITIONS = 448
"""Of the decoder, as faster-whisper has it for every model. CTranslate2 lets text fill half of what it is given."""
ALIASES = {"int8": ("int8_float32", "int8_float16", "int8_bfloat16")}
"""What a compute type stands for: int8 weights, the rest in what the machine does best."""


@contextmanager
def one_line(source: CTranslate2Source) -> Iterator[None]:
    """Makes one line of whatever the two libraries raise."""
    try:
        yield
    except BenchError:
        raise
    except Exception as error:  # noqa: BLE001 -- of C++ underneath
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BenchError(f"arm {source.spec.id}: {source.folder}: faster-whisper says: {reason}") from None


def load_model(suite: Suite, source: CTranslate2Source) -> Any:
    """Raises BenchError for a device, compute type, language or budget that it cannot have: none is replaced."""
    decode, spec = suite.decode_of(source.spec), source.spec
    compute_type = spec.compute_type or decode.dtype
    _require_computable(spec, decode.device, compute_type)
    if decode.max_new_tokens > POSITIONS // 2:
        raise BenchError(
            f"decode.max_new_tokens = {decode.max_new_tokens}: arm {spec.id} has room for at most {POSITIONS // 2} in "
            "CTranslate2"
        )
    with one_line(source):
        from faster_whisper import WhisperModel

        model = WhisperModel(str(source.folder), device=decode.device, compute_type=compute_type, local_files_only=True)
    loaded = model.model
    if loaded.compute_type not in (compute_type, *ALIASES.get(compute_type, ())) or loaded.device != decode.device:
        raise BenchError(
            f'arm {spec.id}: compute_type = "{compute_type}" on {decode.device} would become {loaded.compute_type} on '
            f"{loaded.device}; say so, or choose another"
        )
    _require_consistent(source, model, suite.languages)
    return model


def _require_computable(spec: ArmSpec, device: str, compute_type: str) -> None:
    import ctranslate2

    if device == "cuda" and not ctranslate2.get_cuda_device_count():
        raise BenchError(
            f'decode.device = "cuda": arm {spec.id}: CTranslate2 sees no CUDA GPU here; set device = "cpu" or run '
            "where there is one"
        )
    able = ctranslate2.get_supported_compute_types(device)
    if compute_type not in able:
        raise BenchError(
            f'arm {spec.id}: compute_type = "{compute_type}": this {device} computes in {", ".join(sorted(able))}; '
            "choose one of them, or run where it can"
        )


def _require_consistent(source: CTranslate2Source, model: Any, languages: Sequence[str]) -> None:
    """Front end, tokenizer and model belong together, and the model speaks the suite's languages."""
    bands = len(model.feature_extractor.mel_filters)
    if bands != model.model.n_mels:
        raise BenchError(
            f"arm {source.spec.id}: preprocessor_config.json in {source.folder} makes {bands} mel bands (80 where "
            f"there is none), the model takes {model.model.n_mels}; copy the model's own"
        )
    ids = {token: model.hf_tokenizer.token_to_id(f"<|{token}|>") for token in ("startoftranscript", "endoftext")}
    known = set(source.read_json("config.json").get("lang_ids") or ())
    spoken = {name: model.hf_tokenizer.token_to_id(f"<|{name}|>") for name in model.supported_languages}
    if None in ids.values() or (model.model.is_multilingual and known and not known & set(spoken.values())):
        raise BenchError(
            f"arm {source.spec.id}: the tokenizer in {source.folder} is another model's; copy the model's own "
            "tokenizer.json"
        )
    if not model.model.is_multilingual:
        if others := [language for language in languages if code_of(language) != "en"]:
            raise BenchError(
                f"languages: arm {source.spec.id} is English-only and cannot be asked for {', '.join(others)}; take "
                "them out"
            )
        return
    speaks = {name for name, token in spoken.items() if token is not None and (not known or token in known)}
    if unknown := [language for language in languages if code_of(language) not in speaks]:
        raise BenchError(
            f"languages: arm {source.spec.id} has no token for {', '.join(unknown)}; take them out or change the arm"
        )
