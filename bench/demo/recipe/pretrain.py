"""Pretraining of the demo's Whisper: cross-entropy on the decoder beside CTC on the encoder.

Without the CTC term (weight 0.5, its head is dropped on export) attention never aligns at this size. Noise, a shift
in time, a stretch of the frequency axis and masked mel bands are drawn afresh for every clip and step, in the log-mel
domain.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from rich.progress import track
from torch import Tensor, nn
from torch.nn import functional
from transformers import WhisperConfig, WhisperForConditionalGeneration, WhisperProcessor, WhisperTokenizer

from bench.arms import IGNORED
from bench.demo.recipe.log_mel import FRAMES, augment, log_power, to_features
from bench.demo.recipe.tokenizer import BPE_SIZE, MAX_TARGET_POSITIONS, make_generation_config
from bench.io.files import write_atomically
from bench.recovery import Batch, warmup_cosine

BATCH = 64
LEARNING_RATE = 2e-3
WARMUP_STEPS = 300
CTC_WEIGHT = 0.5


@dataclass(frozen=True)
class TrainingSet:
    """`mel`: float16 log10 mel power, clips x MEL_BANDS x FRAMES; `labels`: token ids after <|startoftranscript|>."""

    mel: Tensor
    labels: list[list[int]]


def make_model(tokenizer: WhisperTokenizer, width: int) -> WhisperForConditionalGeneration:
    """A Whisper of two encoder and two decoder layers with heads of width 24."""
    shape = {"layers": 2, "attention_heads": width // 24, "ffn_dim": 4 * width}
    eos = tokenizer.eos_token_id
    config = WhisperConfig(
        vocab_size=len(tokenizer),
        d_model=width,
        **{f"{side}_{key}": value for side in ("encoder", "decoder") for key, value in shape.items()},
        max_source_positions=FRAMES // 2,
        max_target_positions=MAX_TARGET_POSITIONS,
        bos_token_id=eos,
        eos_token_id=eos,
        pad_token_id=eos,
        decoder_start_token_id=tokenizer.convert_tokens_to_ids("<|startoftranscript|>"),
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    model = WhisperForConditionalGeneration(config)
    model.generation_config = make_generation_config(tokenizer)
    return model


def load_training_set(folder: Path, processor: WhisperProcessor) -> TrainingSet:
    """Reads the training split and computes its log-mel once (kept beside it as `mel.npy`)."""
    table = pd.read_parquet(folder / "train.parquet")
    labels = [label_ids(processor.tokenizer, *pair) for pair in zip(table["text"], table["language"], strict=True)]
    if not (folder / "mel.npy").exists():
        audio = np.load(folder / "train.npy", mmap_mode="r")
        filters = torch.from_numpy(processor.feature_extractor.mel_filters).float()
        starts = track(range(0, len(audio), BATCH), "log-mel")
        mel = torch.cat([log_power(torch.from_numpy(audio[i : i + BATCH].copy()), filters).half() for i in starts])
        write_atomically(folder / "mel.npy", partial(_save_array, mel.numpy()))
    return TrainingSet(torch.from_numpy(np.load(folder / "mel.npy")), labels)


def _save_array(array: npt.NDArray[np.float16], path: Path) -> None:
    with path.open("wb") as file:  # a path would be given the suffix .npy
        np.save(file, array)


def label_ids(tokenizer: WhisperTokenizer, text: str, language: str) -> list[int]:
    """Language, task and text tokens up to and including the end, without the start token."""
    tokenizer.set_prefix_tokens(language=language, task="transcribe")
    ids: list[int] = tokenizer(text).input_ids[1:]
    return ids


def batch_of(data: TrainingSet, seed: int, step: int) -> Batch:
    """Depends on seed and step alone, so that a resumed run sees the same."""
    clips = len(data.labels)
    per_epoch = clips // BATCH
    order = np.random.default_rng([seed, step // per_epoch]).permutation(clips)
    chosen = order[step % per_epoch * BATCH :][:BATCH]
    rows = [torch.tensor(data.labels[i]) for i in chosen]
    labels = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=IGNORED)
    features = augment(data.mel[chosen].float(), np.random.default_rng([seed, step, 1]))
    return Batch(lambda: features, labels)


def plain_clips(data: TrainingSet, count: int) -> Iterator[tuple[Tensor, list[int]]]:
    """The features, (1, bands, frames), and labels of clips spread over the training split, without augmentation."""
    for index in np.linspace(0, len(data.labels) - 1, count).astype(int):
        yield to_features(data.mel[index : index + 1].float()), data.labels[index]


def pretrain(
    model: WhisperForConditionalGeneration, data: TrainingSet, steps: int, seed: int, checkpoint: Path
) -> None:
    """Trains in place; resumes from `checkpoint`, which is rewritten every 250 steps."""
    ctc_head = nn.Linear(model.config.d_model, BPE_SIZE + 1)
    both = nn.ModuleDict({"model": model, "ctc": ctc_head})
    optimizer = torch.optim.AdamW(both.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: warmup_cosine(step, steps, WARMUP_STEPS))
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        for part, key in ((both, "model"), (optimizer, "optimizer"), (schedule, "schedule")):
            part.load_state_dict(state[key])
        first = state["step"]
    both.train()
    for step in track(range(first, steps), "pretrain"):
        batch = batch_of(data, seed, step)
        output = model(input_features=batch.read(), labels=batch.labels)
        loss = output.loss + CTC_WEIGHT * _ctc_loss(ctc_head(output.encoder_last_hidden_state), batch.labels)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(both.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step} loss {loss.item():.3f} decoder {output.loss.item():.3f}", flush=True)
        if (step + 1) % 250 == 0 or step + 1 == steps:
            parts = {"model": both.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}
            write_atomically(checkpoint, partial(torch.save, parts | {"step": step + 1}))
    model.eval()


def _ctc_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """CTC over the text tokens: the special tokens, all at or above BPE_SIZE, are dropped from the targets."""
    rows = [row[(row >= 0) & (row < BPE_SIZE)] for row in labels]
    lengths = torch.tensor([len(row) for row in rows])
    log_probs = logits.log_softmax(-1).transpose(0, 1)
    frames = torch.full((len(rows),), logits.shape[1])
    return functional.ctc_loss(log_probs, torch.cat(rows), frames, lengths, blank=BPE_SIZE, zero_infinity=True)
