"""Log10 mel power of the demo's clips, distortions of it that are drawn afresh, and Whisper's features of it."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bench.demo.recipe.corpus import WINDOW

MEL_BANDS, FRAMES = 80, 300
SILENCE = -10.0
"""log10 mel power, as `log_power` clamps it."""


def log_power(audio: Tensor, filters: Tensor) -> Tensor:
    """int16 (clips x WINDOW) to log10 mel power, before Whisper's clamp and scaling."""
    assert audio.shape[1] == WINDOW
    spectrum = torch.stft(audio.float() / 32768, 400, 160, window=torch.hann_window(400), return_complex=True)
    return (filters.T @ spectrum[..., :-1].abs().square()).clamp(min=1e-10).log10()


def augment(mel: Tensor, rng: np.random.Generator) -> Tensor:
    """One random distortion a clip of log10 mel power, then Whisper's clamp and scaling."""
    return to_features(_mask_band(_add_noise(_stretch_bands(_delay(mel, rng), rng), rng), rng))


def to_features(mel: Tensor) -> Tensor:
    """Whisper's clamp and scaling."""
    return (torch.maximum(mel, mel.amax((1, 2), keepdim=True) - 8) + 4) / 4


def _delay(mel: Tensor, rng: np.random.Generator) -> Tensor:
    """Up to 14 frames of silence before the clip."""
    delays = _uniform(rng, 0, 15, len(mel))
    clips = zip(mel, delays, strict=True)
    return torch.stack([functional.pad(clip, (int(delay), 0), value=SILENCE)[:, :FRAMES] for clip, delay in clips])


def _stretch_bands(mel: Tensor, rng: np.random.Generator) -> Tensor:
    """The frequency axis scaled by up to 12 % either way, as vocal tracts of other lengths would."""
    bands = torch.arange(MEL_BANDS)[None] * _uniform(rng, 0.88, 1.12, len(mel), 1)
    low = bands.floor().clamp(max=MEL_BANDS - 1).long()
    high = (low + 1).clamp(max=MEL_BANDS - 1)
    weight = (bands - low).clamp(0, 1)[..., None]
    below, above = (mel.gather(1, index[..., None].expand(-1, -1, FRAMES)) for index in (low, high))
    return below * (1 - weight) + above * weight


def _add_noise(mel: Tensor, rng: np.random.Generator) -> Tensor:
    """Noise of random spectral tilt, 5 to 90 dB below the clip's mean power."""
    tilt = _uniform(rng, -1.5, 1.5, len(mel), 1, 1) * torch.linspace(1, -1, MEL_BANDS)[None, :, None]
    noise = torch.from_numpy(rng.chisquare(4, mel.shape) / 4).float().log10() + tilt
    signal = (10**mel).mean((1, 2), keepdim=True).log10()
    noise = noise + signal - _uniform(rng, 0.5, 9.0, len(mel), 1, 1)
    mixed: Tensor = torch.logaddexp(mel * np.log(10), noise * np.log(10)) / np.log(10)
    return mixed


def _mask_band(mel: Tensor, rng: np.random.Generator) -> Tensor:
    """Up to 8 neighbouring mel bands silenced."""
    start = _uniform(rng, 0, MEL_BANDS - 8, len(mel), 1)
    band, stop = torch.arange(MEL_BANDS)[None], start + _uniform(rng, 0, 8, len(mel), 1)
    return mel.masked_fill(((band >= start) & (band < stop))[..., None], SILENCE)


def _uniform(rng: np.random.Generator, low: float, high: float, *shape: int) -> Tensor:
    return torch.from_numpy(rng.uniform(low, high, shape)).float()
