"""Recovery fine-tuning: converted arms and their control go through identical training, encoder frozen in all."""

from bench.recovery.session import train
from bench.recovery.training import Batch, FineTuning, warmup_cosine

__all__ = ["Batch", "FineTuning", "train", "warmup_cosine"]
