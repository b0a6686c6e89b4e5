"""Models whose code is not ours: a cache as a tuple of tuples, one of a class of its own, one that breaks its word."""

import json
import shutil
from pathlib import Path

STOCK = """
from transformers import WhisperForConditionalGeneration
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

class Kept:
    def __init__(self, layers):
        self.store = {"layers": list(layers)}

    def __iter__(self):
        return iter(self.store["layers"])

class Model(WhisperForConditionalGeneration):
    print("whatever it likes to print")

    def forward(self, *args, past_key_values=None, **kwargs):
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        for number, (keys, values, cross_keys, cross_values) in enumerate(past_key_values or ()):
            cache.self_attention_cache.update(keys, values, number)
            cache.cross_attention_cache.update(cross_keys, cross_values, number)
            cache.is_updated[number] = True
        made = super().forward(*args, past_key_values=cache, **kwargs)
        pairs = zip(cache.self_attention_cache.layers, cache.cross_attention_cache.layers)
        made.past_key_values = KEEP((own.keys, own.values, cross.keys, cross.values) for own, cross in pairs)
        return made
"""

REMEMBERS = "latent, kept_keys = new if cache is None else cache.update(*new, self.layer_idx)"
EXPANDS = """latent, kept_keys = new
        cache.update(latent @ self.k_up_proj.weight.T, latent @ self.v_up_proj.weight.T, self.layer_idx)
        self.seen = latent if latent.shape[2] > 1 else torch.cat([self.seen, latent], dim=2)
        latent, kept_keys = self.seen, self.seen[..., :0]"""


def write_foreign(stock: Path, folder: Path, keep: str) -> Path:
    """A copy of a stock model whose own code keeps its cache as a `tuple`, or in a class of its own (`Kept`)."""
    shutil.copytree(stock, folder)
    (folder / "code.py").write_text(STOCK.replace("KEEP", keep), encoding="utf-8")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["auto_map"] = {"AutoModelForSpeechSeq2Seq": "code.Model"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def break_word(exported: Path) -> None:
    """Makes an exported model cache the keys and values that it expands its latent to. What it says stays the same."""
    code = exported / "modeling_whisper_mla.py"
    text = code.read_text(encoding="utf-8")
    assert REMEMBERS in text
    code.write_text(text.replace(REMEMBERS, EXPANDS), encoding="utf-8")
