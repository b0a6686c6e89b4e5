"""How the cost came about: transcripts that changed, and how much of the cost a few of them carry."""

import numpy as np
import numpy.typing as npt

from bench.comparing.clips import ArmClips
from bench.comparing.parts import Changes
from bench.scoring import Metric

TOP_SHARE = 0.01


def describe_changes(arm: ArmClips, control: ArmClips, metric: Metric) -> Changes:
    """Two arms over the same clips. Changed: the normalised text differs. Improved, worsened: fewer or more errors."""
    difference = arm.by_metric[metric].errors - control.by_metric[metric].errors
    changed = arm.hypotheses != control.hypotheses
    return Changes(
        changed=100 * float(changed.mean()),
        improved=100 * float((difference < 0).mean()),
        worsened=100 * float((difference > 0).mean()),
        top_share=100 * top_share(difference),
    )


def top_share(difference: npt.NDArray[np.int64]) -> float:
    """What share of the summed difference the top 1 % of utterances carry (one at least), in its own direction.

    Above 1 where the others, taken together, point the other way. NaN where the sum is zero.
    """
    total = difference.sum()
    if total == 0:
        return float("nan")
    top = int(np.ceil(TOP_SHARE * len(difference)))
    return float(np.sort(difference * np.sign(total))[-top:].sum() / abs(total))
