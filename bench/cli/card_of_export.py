"""What an export writes beside the model: its card, from a suite's results or from the model's own files."""

from collections.abc import Callable
from pathlib import Path

from bench.analysis.suite_records import read_suite_records
from bench.arms import ArmSource
from bench.io.places import Place
from bench.reporting.card import CardWords
from bench.reporting.card.readme import arm_of_weights, write_plain_readme, write_readme
from bench.store import Store
from bench.suite import Suite


def card_writer(
    source: ArmSource, suite: Suite | None, results: Place, said: CardWords
) -> Callable[[Path], None] | None:
    """Writes README.md into a folder; None for a model that is not converted, of which there is nothing to say.

    Raises BenchError where the suite did not measure these very files.
    """
    if suite is not None:
        records = read_suite_records(suite, Store(results / suite.name))
        arm = arm_of_weights(records, source.fingerprint)
        return lambda folder: write_readme(records, arm, folder, said)
    conversion = source.conversion()
    if conversion is None:
        return None
    calibration = source.calibration()
    return lambda folder: write_plain_readme(conversion, calibration, folder, said)
