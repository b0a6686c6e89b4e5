"""Everything printed, recomputed from the decodes and held against what is stored and rendered."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.analysis.memory.records import read_memory
from bench.analysis.published import PublishedClaim
from bench.analysis.suite_records import SuiteRecords, read_timed
from bench.analysis.utterances import read_movements
from bench.comparing import join_suites, joint_name, recompute
from bench.errors import BenchError
from bench.io.places import Place
from bench.reporting.catalogue import Sources, rendered_cards
from bench.reporting.explorer import MOST_UTTERANCES
from bench.reporting.explorer import NAME as EXPLORER
from bench.reporting.explorer.audio_clips import read_audio
from bench.reporting.figures.size_curve import write_curve
from bench.reporting.tables.memory import write_memory
from bench.store import Store
from bench.suite import Suite
from bench.verify.files import changed_reports, render_anew
from bench.verify.records import changed_parts, changed_tables

__all__ = ["verify", "verify_joint"]


def verify(suite: Suite, store: Store, reports: Path) -> Iterator[str]:
    """A line for every file that differs: the first difference in it, and where.

    Decodes against the hashes in the manifest; counts and tables against what the decodes give, exactly; every report
    that has been rendered against the same rendered anew, byte for byte, but for those of `bench data`, which are of a
    corpus. Bytes and times are as they were measured, and audio as it stands in the page.
    """
    try:
        memory, timed = read_memory(suite, store), read_timed(store)
        manifest = store.read_manifest() if store.manifest_path.exists() else None
    except BenchError as error:
        yield f"cannot be recomputed: {error}"
        return
    with TemporaryDirectory() as scratch:
        folder, fresh = Path(scratch) / "reports", Store(Path(scratch))
        if memory is not None and manifest is None:
            write_memory(suite, memory, folder)
            yield from changed_reports(folder, reports)
            return
        yield from changed_parts(store)
        try:
            counts, results, tables = recompute(suite, store)
        except BenchError as error:
            yield f"cannot be recomputed: {error}"
            return
        fresh.write_table(fresh.counts_path, counts)
        yield from changed_tables(store, fresh, tables)
        records = SuiteRecords(suite, results, store.read_manifest(), memory, timed)
        yield from render_anew(_sources(records, fresh, store.folder.parent, reports), reports, folder)
        yield from changed_reports(folder, reports)


def _sources(records: SuiteRecords, fresh: Store, results: Place, reports: Path) -> Sources:
    """What was recomputed, `fresh` with the counts, and the audio that stands in the page."""
    page = reports / EXPLORER
    return Sources(
        records,
        results,
        rendered_cards(records, reports),
        lambda: list(read_movements(records.suite, fresh, MOST_UTTERANCES)),
        read_audio(page) if page.is_file() else None,
    )


def verify_joint(
    suites: Sequence[tuple[Suite, Store]], claims: Sequence[PublishedClaim], reports: Path
) -> Iterator[str]:
    """Verifies what `bench curve` has drawn of several suites together; each is verified by itself.

    `reports`: the folder of all reports.
    """
    folder = reports / joint_name([suite for suite, _ in suites])
    if not folder.is_dir():
        return
    try:
        joined = join_suites(suites)
    except BenchError as error:
        yield f"{folder}: cannot be drawn anew: {error}"
        return
    with TemporaryDirectory() as scratch:
        write_curve(joined.suite, joined.results, joined.parameters, claims, Path(scratch))
        yield from changed_reports(Path(scratch), folder)
