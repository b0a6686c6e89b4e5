"""What an export writes beside the model: its card, from a suite's results or from the model's own files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.suite_records import SuiteRecords, read_suite_records
from bench.arms import ArmSource
from bench.io.places import Place
from bench.io.publishing import README
from bench.reporting.card import CardWords, read_words
from bench.reporting.card.readme import arm_of_weights, write_plain_readme, write_readme
from bench.reporting.card.words import missing_lines
from bench.store import Store
from bench.suite import ArmSpec, Suite


@dataclass(frozen=True, eq=False)
class MeasuredCard:
    """The card of a model that a suite measured."""

    records: SuiteRecords
    arm: ArmSpec
    said: CardWords

    def write(self, folder: Path) -> None:
        """README.md and its picture."""
        write_readme(self.records, self.arm, folder, self.said)

    def missing(self, folder: Path) -> Iterator[str]:
        """What it lacks, once it is written."""
        return missing_lines(self.records, self.arm, read_words(folder / README))


def measured_card(source: ArmSource, suite: Suite, results: Place, said: CardWords) -> MeasuredCard:
    """Raises BenchError where the suite did not measure these very files."""
    records = read_suite_records(suite, Store(results / suite.name))
    return MeasuredCard(records, arm_of_weights(records, source.fingerprint), said)


def plain_writer(source: ArmSource, said: CardWords) -> Callable[[Path], None] | None:
    """Writes README.md into a folder; None for a model that is not converted, of which there is nothing to say."""
    conversion = source.conversion()
    if conversion is None:
        return None
    calibration = source.calibration()
    return lambda folder: write_plain_readme(conversion, calibration, folder, said)
