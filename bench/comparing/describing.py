"""Decodes with what the corpus says of their clips: joined here and nowhere else."""

import pandas as pd

from bench.comparing.pairing import first_ids
from bench.errors import BenchError
from bench.suite import ArmId
from bench.utterance_records import NAME


def describe_decodes(decodes: pd.DataFrame, utterances: pd.DataFrame, arm: ArmId) -> pd.DataFrame:
    """One arm's decodes of a cell, in their order, with the arm's name and training seed, references and speakers.

    `utterances`: of all languages. Raises BenchError unless they are of the same clips as the decodes.
    """
    language, condition = (str(decodes[name].iloc[0]) for name in ("language", "condition"))
    of_language = utterances[utterances["language"] == language].drop(columns="language")
    if only := sorted(set(decodes["utterance_id"]) ^ set(of_language["utterance_id"])):
        raise BenchError(
            f"{language}/{condition}: {arm} and {NAME} are not of the same clips ({first_ids(only)}); run `bench run` "
            "again"
        )
    joined = decodes.merge(of_language, on="utterance_id", how="left", validate="many_to_one")
    return joined.assign(arm=str(arm.name), seed=float("nan") if arm.seed is None else arm.seed)
