"""The files that a model's weights lie in: one, or the shards that an index names. Nothing else is loaded."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.errors import BenchError
from bench.io.documents import read_json
from bench.io.files import is_file

SINGLE, PICKLED = "model.safetensors", "pytorch_model.bin"
INDEX = ".index.json"
ADAPTER = "adapter_*"
SIZES = {
    "encoder.conv1.weight": ("d_model", "num_mel_bins"),
    "encoder.embed_positions.weight": ("max_source_positions", "d_model"),
    "decoder.embed_positions.weight": ("max_target_positions", "d_model"),
    "decoder.embed_tokens.weight": ("vocab_size", "d_model"),
    "encoder.layers.0.fc1.weight": ("encoder_ffn_dim", "d_model"),
    "decoder.layers.0.fc1.weight": ("decoder_ffn_dim", "d_model"),
}
"""Keys of config.json by the tensors whose first sizes they are."""
LAYER = re.compile(r"(?:^|\.)(encoder|decoder)\.layers\.(\d+)\.")


def weight_files(folder: Path, allow_pickle: bool) -> tuple[Path, ...]:
    """In the order in which transformers looks for them; pickled ones where that is allowed.

    Raises BenchError, without the arm's name, for a folder without weights, an index that names files elsewhere, and
    an adapter, which nothing would apply.
    """
    if adapters := sorted(folder.glob(ADAPTER)):
        raise BenchError(
            f"{folder} holds an adapter ({adapters[0].name}), which nothing here applies; merge it into the "
            "weights and save the whole model"
        )
    for name in (SINGLE, PICKLED) if allow_pickle else (SINGLE,):
        if (folder / name).is_file():
            return (folder / name,)
        if (folder / f"{name}{INDEX}").is_file():
            return _shards(folder / f"{name}{INDEX}", allow_pickle)
    raise BenchError(
        f"{folder} holds no .safetensors by the name of {SINGLE}, nor an index of shards; convert the weights, or, in "
        "a suite, set allow_pickle = true if you trust whoever pickled them"
    )


def _shards(index: Path, allow_pickle: bool) -> tuple[Path, ...]:
    """Those beside the index alone: what lies elsewhere is in no fingerprint."""
    content = read_json(index, "export the model anew")
    named = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(named, dict) or not all(isinstance(name, str) for name in named.values()):
        raise BenchError(f"{index} is damaged: it names no shards (weight_map); export the model anew")
    names = sorted(set(named.values()))
    for name in names:
        path = index.parent / name
        if Path(name).name != name or not is_file(path):
            raise BenchError(f"{index} names {name}, which is no file beside it; put every shard beside its index")
        if path.suffix != ".safetensors" and not allow_pickle:
            raise BenchError(
                f"{index} names {name}, which holds pickled weights; convert them, or, in a suite, set allow_pickle = "
                "true if you trust whoever pickled them"
            )
    return tuple(index.parent / name for name in names)


def require_sizes(folder: Path, config: Mapping[str, Any], tensors: Mapping[str, Sequence[int]]) -> None:
    """Raises BenchError where config.json says other sizes than the weights have: transformers would leave out layers,
    make up what lacks, or take all the memory that there is before it looks at the weights.
    """
    _require_layers(folder, config, tensors)
    for name, shape in tensors.items():
        for ending, keys in SIZES.items():
            if not name.endswith(ending) or len(keys) > len(shape):
                continue
            for key, size in zip(keys, shape, strict=False):
                if key in config and config[key] != size:
                    raise BenchError(
                        f"config.json in {folder} says {key} = {config[key]!r}, {name} has {size}; mend the config"
                    )


def _require_layers(folder: Path, config: Mapping[str, Any], tensors: Mapping[str, object]) -> None:
    held: dict[str, int] = {}
    for name in tensors:
        if match := LAYER.search(name):
            held[match[1]] = max(held.get(match[1], 0), 1 + int(match[2]))
    for side, layers in sorted(held.items()):
        said = config.get(f"{side}_layers")
        if said is not None and said != layers:
            raise BenchError(
                f"config.json in {folder} says {said} {side} layers, the weights hold {layers}; mend the config"
            )
