"""Everything printed, recomputed from the decodes and held against what is stored and rendered."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.analysis.memory.records import read_memory
from bench.analysis.published import PublishedClaim
from bench.analysis.suite_records import SuiteRecords
from bench.compare import join_suites, joint_name, recompute
from bench.errors import BenchError
from bench.reporting import write_curve, write_memory
from bench.store import Store
from bench.suite import Suite
from bench.verify.files import changed_reports
from bench.verify.records import as_stored, changed_parts, changed_table
from bench.verify.rendering import render_anew

__all__ = ["verify", "verify_joint"]


def verify(suite: Suite, store: Store, reports: Path) -> Iterator[str]:
    """A line for every file that differs: the first difference in it, and where.

    Decodes against the hashes in the manifest; counts and tables against what the decodes give, exactly; every report
    that has been rendered against the same rendered anew, byte for byte, but for those of `bench data`, which are of a
    corpus. Bytes of memory are as they were measured, and audio as it stands in the page.
    """
    memory = read_memory(suite, store)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / "reports"
        if memory is not None and not store.manifest_path.exists():
            write_memory(suite, memory, folder)
            yield from changed_reports(folder, reports)
            return
        yield from changed_parts(store)
        try:
            counts, tables = recompute(suite, store)
        except BenchError as error:
            yield f"cannot be recomputed: {error}"
            return
        fresh = Store(Path(scratch))
        for name, table in {"counts": counts, **tables.named()}.items():
            yield from changed_table(store, fresh, name, table)
        found = SuiteRecords(suite, as_stored(tables, fresh), store.read_manifest(), memory)
        yield from render_anew(found, fresh, store.folder.parent, reports, folder)
        yield from changed_reports(folder, reports)


def verify_joint(
    suites: Sequence[tuple[Suite, Store]], claims: Sequence[PublishedClaim], reports: Path
) -> Iterator[str]:
    """The same of what `bench curve` has drawn of several suites together; each is verified by itself.

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
        write_curve(joined.suite, joined.tables, joined.parameters, claims, Path(scratch))
        yield from changed_reports(Path(scratch), folder)
