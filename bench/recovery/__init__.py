"""Recovery fine-tuning: the converted arm and its control go through identical training, encoder frozen in both."""

from bench.recovery.finetune import FineTuning, fine_tune, warmup_cosine

__all__ = ["FineTuning", "fine_tune", "warmup_cosine"]
