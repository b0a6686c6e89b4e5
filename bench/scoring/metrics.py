"""The two error rates."""

from typing import Literal

Metric = Literal["wer", "cer"]
METRICS: tuple[Metric, ...] = ("wer", "cer")
"""Word error rate and character error rate, in the order in which they are reported."""
