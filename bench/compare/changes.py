"""How the cost came about: transcripts that changed, and how much of the cost a few of them carry."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

TOP_SHARE = 0.01


def describe_changes(arm: pd.DataFrame, control: pd.DataFrame, metric: str) -> dict[str, Any]:
    """Per cent of transcripts changed, improved and worsened, and the top utterances' per cent of the delta.

    Both arms' counts in one order. Changed: the normalised text differs. Improved, worsened: fewer or more errors.
    """
    difference = (arm[f"{metric}_errors"] - control[f"{metric}_errors"]).to_numpy()
    changed = (arm["normalized_hypothesis"] != control["normalized_hypothesis"]).to_numpy()
    return {
        "changed": 100 * float(changed.mean()),
        "improved": 100 * float((difference < 0).mean()),
        "worsened": 100 * float((difference > 0).mean()),
        "top_share": 100 * top_share(difference),
    }


def top_share(difference: npt.NDArray[np.int64]) -> float:
    """What share of the summed difference the top 1 % of utterances carry (one at least), in its own direction.

    Above 1 where the others, taken together, point the other way. NaN where the sum is zero.
    """
    total = difference.sum()
    if total == 0:
        return float("nan")
    top = int(np.ceil(TOP_SHARE * len(difference)))
    return float(np.sort(difference * np.sign(total))[-top:].sum() / abs(total))
