"""Log-mel features through the model's own extractor, always over its full window."""

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import WhisperFeatureExtractor

from bench.audio import SAMPLE_RATE, Audio


def window_samples(extractor: WhisperFeatureExtractor) -> int:
    """The model's window in samples: 480,000 for the published Whispers."""
    return int(extractor.n_samples)


def log_mel(extractor: WhisperFeatureExtractor, clips: Sequence[Audio], device: torch.device) -> Tensor:
    """(clips, mel bands, frames) float32 on `device`; shorter clips are padded, the window is never shortened."""
    output = extractor(list(clips), sampling_rate=SAMPLE_RATE, return_tensors="pt", device=str(device))
    features: Tensor = output.input_features.to(device)
    return features
