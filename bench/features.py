"""Log-mel features through the model's own extractor, always over its full window."""

import sys
from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import WhisperFeatureExtractor

from bench.audio import SAMPLE_RATE, Audio

AT_ONCE = 1500
"""Encoder positions that a CPU works on together: those of one clip of a published Whisper."""
SAMPLES_PER_POSITION = 320


def clips_at_once(positions: int, device: torch.device) -> int:
    """Of so many positions each: all that there are, but for a CPU.

    More would not keep it busier, but move through more memory, whose pages cost up to half of the time.
    """
    return max(1, AT_ONCE // positions) if device.type == "cpu" else sys.maxsize


def window_samples(extractor: WhisperFeatureExtractor) -> int:
    """The model's window in samples: 480,000 for the published Whispers."""
    return int(extractor.n_samples)


def log_mel(extractor: WhisperFeatureExtractor, clips: Sequence[Audio], device: torch.device) -> Tensor:
    """(clips, mel bands, frames) float32 on `device`; shorter clips are padded, the window is never shortened."""
    size = clips_at_once(window_samples(extractor) // SAMPLES_PER_POSITION, device)
    parts = [list(clips[start : start + size]) for start in range(0, len(clips), size)]
    asked = {"sampling_rate": SAMPLE_RATE, "return_tensors": "pt", "device": str(device)}
    return torch.cat([extractor(part, **asked).input_features for part in parts]).to(device)
