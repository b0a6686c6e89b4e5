"""Makes the demo's corpus and models anew: `python -m bench.demo.make --work DIR`.

Needs Debian's espeak-ng and an hour and a half on two CPU cores. Everything is seeded; the training split and the
checkpoints stay in DIR, and a run that was interrupted goes on from there. What --out already holds is replaced.
"""

import argparse
import copy
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from transformers import WhisperForConditionalGeneration, WhisperProcessor

from bench.demo.packed import NAME, pack
from bench.demo.recipe.corpus import write_test_split, write_train_split
from bench.demo.recipe.pretrain import (
    TrainingSet,
    batch_of,
    load_training_set,
    make_model,
    plain_clips,
    pretrain,
)
from bench.demo.recipe.tokenizer import make_processor, train_tokenizer
from bench.demo.recipe.voices import require_espeak
from bench.errors import BenchError
from bench.mla.inits import CALIBRATED
from bench.mla.moments import Taught, collect_moments
from bench.mla.named import convert_as, parse_name
from bench.recovery import FineTuning, train

HERE = Path(__file__).parent
SEED = 0
WIDTHS = (48, 72, 96)
PRETRAINING_STEPS = 1_900
RECOVERY = FineTuning(steps=50, learning_rate=5e-4, warmup_steps=5)
"""Short on purpose: with ten times as many steps the harder cuts cost next to nothing, and the demo shows no cost."""
RECOVERY_SEED = 100
"""Of the order of clips and their augmentation, the same for every arm and another than in pretraining; plus the
training seed."""
CONVERSIONS = ("paper-62.5", "balanced-62.5", "balanced-87.5", "svd-93.75")
SEEDED = ("control", "paper-62.5", "balanced-62.5")
"""Arms that are trained from every seed."""
CALIBRATION_CLIPS = 256


def seeds_of(width: int) -> tuple[int | None, ...]:
    """Training seeds: three at the smallest width, elsewhere one that goes without a name."""
    return (0, 1, 2) if width == min(WIDTHS) else (None,)


def make_demo(work: Path, corpus: Path, models: Path) -> None:
    """Test split and training split; then, of each width, base model, conversions and identical fine-tuning."""
    require_espeak()
    torch.use_deterministic_algorithms(True)  # else the order of threads shows in the last bits, and soon in all
    write_test_split(corpus)
    write_train_split(work)
    processor = make_processor(train_tokenizer(pd.read_parquet(work / "train.parquet")["text"]))
    data = load_training_set(work, processor)
    for width in WIDTHS:
        torch.manual_seed(SEED)
        base = make_model(processor.tokenizer, width)
        pretrain(base, data, PRETRAINING_STEPS, SEED, work / f"pretrain-{width}.pt")
        make_family(base, data, processor, models)


def make_family(
    base: WhisperForConditionalGeneration, data: TrainingSet, processor: WhisperProcessor, models: Path
) -> None:
    """Everything of one width: what training starts from, and what it ends with by arm and training seed."""
    width = base.config.d_model
    starts = {"control": base, **_converted(base, data)}
    _save(base, processor, models / f"{width}-base")
    for name in CONVERSIONS:
        if parse_name(name)[0] in CALIBRATED:  # the others are built from the base when they are loaded
            _save(starts[name], processor, models / f"{width}-{name}-zero-shot")
    for seed in seeds_of(width):
        arms = {name: copy.deepcopy(model) for name, model in starts.items() if not seed or name in SEEDED}
        first = RECOVERY_SEED + (seed or 0)
        train(arms, partial(batch_of, data, first), RECOVERY, first)
        for name, model in arms.items():
            _save(model, processor, models / (f"{width}-{name}" if seed is None else f"{width}-{name}-seed{seed}"))


def _converted(base: WhisperForConditionalGeneration, data: TrainingSet) -> dict[str, Any]:
    """Each conversion of the base; the balanced ones calibrated on clips of the training split."""
    moments = collect_moments(base, _calibration(base, data))
    return {name: convert_as(name, base, moments) for name in CONVERSIONS}


@torch.no_grad()
def _calibration(base: WhisperForConditionalGeneration, data: TrainingSet) -> Iterator[Taught]:
    """As of one language: the split holds as many clips of each, so there is nothing to balance."""
    start = base.config.decoder_start_token_id
    for features, labels in plain_clips(data, CALIBRATION_CLIPS):
        yield Taught(base.get_encoder()(features).last_hidden_state, torch.tensor([[start, *labels[:-1]]]), "all")


def _save(model: WhisperForConditionalGeneration, processor: WhisperProcessor, folder: Path) -> None:
    """In half precision."""
    shutil.rmtree(folder, ignore_errors=True)
    copy.deepcopy(model).half().save_pretrained(folder)
    processor.feature_extractor.save_pretrained(folder)
    processor.tokenizer.save_pretrained(folder)


def main() -> None:
    """Command line of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--work", type=Path, required=True, metavar="DIR", help="training split, checkpoints, models (7 GB)"
    )
    parser.add_argument(
        "--out", type=Path, default=HERE, metavar="DIR", help="corpus/ and the packed models go here (the package)"
    )
    arguments = parser.parse_args()
    try:
        models = arguments.work / "models"
        make_demo(arguments.work, arguments.out / "corpus" / "test.parquet", models)
        pack(models, arguments.out / NAME)
    except BenchError as error:
        print(f"make: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
