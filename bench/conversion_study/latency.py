"""Time a clip takes to decode at whisper-tiny's true size, prompt and cross-attention's share included.

`python -m bench.conversion_study.latency FOLDER [--device cuda]`. Random weights: the time does not depend on them, and
every arm decodes the same number of tokens. The encoder's time, the same for every arm, is not counted.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import WhisperConfig, WhisperForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from bench.io.files import write_atomically, write_text
from bench.mla.convert import convert, convert_exactly
from bench.mla.int8 import new_int8_cache
from bench.mla.shapes import shape_of_cut

BATCHES, TOKENS = (1, 16, 64), (30, 440)
WARM_UP_TOKENS = 4
MAX_ROUNDS, ENOUGH_SECONDS = 7, 40.0
"""Arms take turns, until this often or until one of them has taken this long."""
Decoder = Callable[[Tensor, int], Any]


def make_decoders(dtype: torch.dtype, device: str) -> dict[str, Decoder]:
    """MHA, two cuts of the self-attention cache (absorbed), exact in both attentions, and MHA with an 8-bit cache."""
    torch.manual_seed(0)
    sizes = {"d_model": 384, "encoder_layers": 1, "decoder_layers": 4, "vocab_size": 51_865}
    heads = {f"{side}_attention_heads": 6 for side in ("encoder", "decoder")}
    widths = {f"{side}_ffn_dim": 1536 for side in ("encoder", "decoder")}
    mha = WhisperForConditionalGeneration(WhisperConfig(**sizes, **heads, **widths)).eval()
    models = {
        "mha": mha,
        "mla-62.5": convert(mha, {"self": shape_of_cut(0.625, 384, 6, keeps=True)}, "paper"),
        "mla-87.5": convert(mha, {"self": shape_of_cut(0.875, 384, 6, keeps=False)}, "svd"),
        "exact": convert_exactly(mha),
    }
    placed = {name: model.to(device, dtype) for name, model in models.items()}
    decoders = {name: _decoder(model, dict) for name, model in placed.items()}
    return decoders | {"int8": _decoder(mha, lambda: {"past_key_values": new_int8_cache()})}


def _decoder(model: Any, more: Callable[[], dict[str, Any]]) -> Decoder:
    def run(states: Tensor, tokens: int) -> Any:
        outputs = BaseModelOutput(last_hidden_state=states)
        return model.generate(
            encoder_outputs=outputs, max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False, **more()
        )

    return run


@torch.inference_mode()
def measure_cell(decoders: dict[str, Decoder], states: Tensor, tokens: int) -> dict[str, list[float]]:
    """Seconds of each arm's rounds."""
    seconds: dict[str, list[float]] = {name: [] for name in decoders}
    for decode in decoders.values():
        decode(states, WARM_UP_TOKENS)
    while len(seconds["mha"]) < MAX_ROUNDS and max(map(sum, seconds.values())) < ENOUGH_SECONDS:
        for name, decode in decoders.items():
            _settle(states)
            started = time.perf_counter()
            decode(states, tokens)
            _settle(states)
            seconds[name].append(time.perf_counter() - started)
    return seconds


def _settle(states: Tensor) -> None:
    if states.is_cuda:
        torch.cuda.synchronize()


def measure_latency(folder: Path, device: str) -> list[dict[str, Any]]:
    """A row a dtype, batch, number of tokens and arm, in milliseconds a clip; cells found in `folder` are kept."""
    rows = []
    for dtype in ("float32",) if device == "cpu" else ("float32", "float16"):
        decoders = make_decoders(getattr(torch, dtype), device)
        for batch in BATCHES:
            for tokens in TOKENS:
                part = folder / f"latency-{device}-{dtype}-{batch}-{tokens}.json"
                if not part.exists():
                    states = torch.randn(batch, 1500, 384, dtype=getattr(torch, dtype), device=device)
                    text = json.dumps(measure_cell(decoders, states, tokens))
                    write_atomically(part, partial(write_text, text))
                    print(part.name, text, flush=True)
                rows += _rows(device, dtype, batch, tokens, json.loads(part.read_text()))
    return rows


def _rows(device: str, dtype: str, batch: int, tokens: int, seconds: dict[str, list[float]]) -> list[dict[str, Any]]:
    """The median round's time, and its ratio to multi-head attention's."""
    clips = {name: 1000 * statistics.median(rounds) / batch for name, rounds in seconds.items()}
    cell = {"device": device, "dtype": dtype, "batch": batch, "tokens": tokens}
    return [
        cell | {"arm": name, "rounds": len(seconds[name]), "ms_a_clip": ms, "to_mha": ms / clips["mha"]}
        for name, ms in clips.items()
    ]


def main() -> None:
    """Command line of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    arguments = parser.parse_args()
    rows = measure_latency(arguments.folder, arguments.device)
    print("\n".join(json.dumps(row) for row in rows))


if __name__ == "__main__":
    main()
