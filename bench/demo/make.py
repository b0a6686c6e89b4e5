"""Makes the demo's corpus and models anew: `python -m bench.demo.make --work DIR`.

Needs Debian's espeak-ng and half an hour on two CPU cores. Everything is seeded; the training split and the checkpoint
stay in DIR, and a run that was interrupted goes on from there. What --out already holds is replaced.
"""

import argparse
import shutil
import sys
from pathlib import Path

import pandas as pd
import torch
from transformers import WhisperForConditionalGeneration, WhisperProcessor

from bench.demo.recipe.corpus import write_test_split, write_train_split
from bench.demo.recipe.pretrain import TrainingSet, batches, load_training_set, make_model, pretrain
from bench.demo.recipe.tokenizer import make_processor, train_tokenizer
from bench.demo.recipe.voices import require_espeak
from bench.errors import BenchError
from bench.mla.convert import Init, convert
from bench.mla.shapes import LatentShape
from bench.recovery import FineTuning, fine_tune

HERE = Path(__file__).parent
SEED = 0
WIDTH = 96
PRETRAINING_STEPS = 1_900
RECOVERY = FineTuning(steps=50, learning_rate=5e-4, warmup_steps=5)
"""Short on purpose: with ten times as many steps the harder cut costs next to nothing, and the demo shows no cost."""
RECOVERY_SEED = 100
"""Of the order of clips and their augmentation: the same for every arm, another than in pretraining."""

ARMS: dict[str, tuple[Init, LatentShape] | None] = {
    "control": None,
    "paper-62.5": ("paper", LatentShape(kept=WIDTH // 2, rank=WIDTH // 4)),
    "svd-93.75": ("svd", LatentShape(kept=0, rank=WIDTH // 8)),
}
"""A name is the init and the cut of the self-attention cache; half of the key dimensions kept is the card's scheme."""


def make_demo(work: Path, corpus: Path, models: Path) -> None:
    """Test split, training split, base model, then control and converted arms through identical fine-tuning."""
    require_espeak()
    torch.use_deterministic_algorithms(True)  # else the order of threads shows in the last bits, and soon in all
    write_test_split(corpus)
    write_train_split(work)
    processor = make_processor(train_tokenizer(pd.read_parquet(work / "train.parquet")["text"]))
    data = load_training_set(work, processor)
    torch.manual_seed(SEED)
    base = make_model(processor.tokenizer, WIDTH)
    pretrain(base, data, PRETRAINING_STEPS, SEED, work / "pretrain.pt")
    for name, conversion in ARMS.items():
        _make_arm(base, conversion, data, processor, models / f"{WIDTH}-{name}")


def _make_arm(
    base: WhisperForConditionalGeneration,
    conversion: tuple[Init, LatentShape] | None,
    data: TrainingSet,
    processor: WhisperProcessor,
    folder: Path,
) -> None:
    """Converts (or copies, for the control), fine-tunes and saves one arm in half precision."""
    if conversion is None:
        model = WhisperForConditionalGeneration(base.config)
        model.load_state_dict(base.state_dict())
        model.generation_config = base.generation_config
    else:
        init, shape = conversion
        model = convert(base, {"self": shape}, init)
    fine_tune(model, batches(data, RECOVERY.steps, RECOVERY_SEED), RECOVERY, folder.name)
    shutil.rmtree(folder, ignore_errors=True)
    model.half().save_pretrained(folder)
    processor.feature_extractor.save_pretrained(folder)
    processor.tokenizer.save_pretrained(folder)


def main() -> None:
    """Command line of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="training split and checkpoints (7 GB)")
    parser.add_argument(
        "--out", type=Path, default=HERE, metavar="DIR", help="corpus/ and models/ go here (the package)"
    )
    arguments = parser.parse_args()
    try:
        make_demo(arguments.work, arguments.out / "corpus" / "test.parquet", arguments.out / "models")
    except BenchError as error:
        print(f"make: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
