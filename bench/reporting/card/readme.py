"""A card as README.md beside a model's files: of what a suite measured, or of the model alone."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.analysis.suite_records import SuiteRecords
from bench.calibrated_languages import CalibratedLanguages
from bench.conversion_record import ConversionRecord
from bench.errors import BenchError
from bench.io.files import write_atomically, write_text
from bench.io.publishing import README, push
from bench.reporting.card import CardWords, render_card, write_picture
from bench.reporting.card.marked import marked, merged
from bench.reporting.card.metadata import plain_front_matter
from bench.reporting.card.origin import Origin, origin_lines
from bench.reporting.card.use import snippet
from bench.reporting.card.words import hub_id
from bench.reporting.text.markdown import inline
from bench.suite import ArmSpec

PICTURE = "card.png"
NOT_YET = (
    "What it saves of all that decoding caches, and what it costs, is not measured yet: `bench run` and `bench memory` "
    "hold it against its control, and `bench card SUITE --into README.md` puts the answer here."
)


def write_readme(records: SuiteRecords, arm: ArmSpec, folder: Path, said: CardWords) -> None:
    """README.md and its picture."""
    copy_picture(records, arm, folder)
    write_atomically(folder / README, partial(write_text, render_card(records, arm, said, PICTURE)))


def copy_picture(records: SuiteRecords, arm: ArmSpec, folder: Path) -> Path:
    """The card's picture as PNG, which the hub shows; returns its path."""
    with TemporaryDirectory() as scratch:
        made = write_picture(records, arm, Path(scratch) / PICTURE)
        write_atomically(folder / PICTURE, partial(shutil.copyfile, made))
    return folder / PICTURE


def write_plain_readme(
    conversion: ConversionRecord, calibration: CalibratedLanguages | None, folder: Path, said: CardWords
) -> None:
    """README.md of a converted model that nothing has measured yet."""
    write_atomically(folder / README, partial(write_text, render_plain(conversion, calibration, said)))


def render_plain(conversion: ConversionRecord, calibration: CalibratedLanguages | None, said: CardWords) -> str:
    """What its files say of it; `said`: with a title."""
    origin = Origin(conversion.base, None, conversion, calibration)
    words = said.over(CardWords(base_model=hub_id(conversion.base))).complete
    own = f": decoder self-attention {origin.own}" if origin.own else ""
    first = f"Converted from {inline(conversion.base or 'a Whisper')}{own}. {NOT_YET}"
    about = "\n".join(origin_lines(origin, None))
    block = f"{first}\n\n## Use\n\n{snippet(words, has_code=True)}\n\n## What it is\n\n{about}"
    return f"{plain_front_matter(words)}\n# {inline(words.title or '')}\n\n{marked(block)}"


def arm_of_weights(records: SuiteRecords, fingerprint: str) -> ArmSpec:
    """The arm with these very files, held against a control. Raises BenchError where the suite has none."""
    for arm in records.suite.arms:
        recorded = records.manifest.arms.get(arm.id)
        if arm.control is not None and arm.kv is None and recorded and recorded.fingerprint == fingerprint:
            return arm
    raise BenchError(
        f"--suite {records.suite.name}: none of its arms has this model's files (fingerprint {fingerprint[:8]}); make "
        "the model one of them and run `bench run`, or leave --suite out"
    )


def push_card(records: SuiteRecords, arm: ArmSpec, said: CardWords, repo: str) -> str:
    """README.md and its picture alone, to a repository; returns its page. Raises BenchError."""
    with TemporaryDirectory() as scratch:
        write_readme(records, arm, Path(scratch), CardWords(repo=repo).over(said))
        return push(Path(scratch), repo, "Card by whisper-mla-bench", merged)


def push_model(folder: Path, repo: str) -> str:
    """An exported folder; returns the repository's page. Raises BenchError."""
    return push(folder, repo, "Model exported by whisper-mla-bench", merged)
