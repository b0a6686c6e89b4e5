"""Verbs that decode, or say beforehand what decoding would take."""

from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from bench.cli.comparing import compare_and_warn
from bench.cli.options import CorpusPath, JsonFile, Reports, Results, SuiteArgument, load, load_to_run
from bench.cli.saying import hint
from bench.errors import BenchError
from bench.visible import visible


def data(
    suite: SuiteArgument,
    training: Annotated[
        Path | None,
        typer.Option("--training", metavar="FILE.tsv", help="Count what this list has too: clips, speakers, texts."),
    ] = None,
    corpus_path: CorpusPath = None,
    reports: Reports = Path("reports"),
) -> None:
    """Say what the suite's corpus holds: clips, speakers, hours, what was rejected and why; with a picture."""
    loaded = load(suite, corpus_path)
    from rich.console import Console

    from bench.data import describe_data
    from bench.io.files import require_writable
    from bench.progress import progress_bar

    require_writable(reports / loaded.name)
    with progress_bar(Console(stderr=True), "clips") as progress:
        task = progress.add_task("reading", total=None)
        report = describe_data(loaded, training, lambda count: progress.advance(task, count))
    from bench.reporting.tables.corpus import write_data

    print(write_data(loaded, report, reports / loaded.name), end="")


def plan(
    suite: SuiteArgument,
    wer: Annotated[
        float | None,
        typer.Option("--wer", metavar="PERCENT", help="Plan from this error rate of the control, without decodes."),
    ] = None,
    target: Annotated[
        float | None, typer.Option("--target", metavar="POINTS", help="The cost to detect; default: the margin, or 1.")
    ] = None,
    clips_per_speaker: Annotated[
        float | None,
        typer.Option(
            "--clips-per-speaker", metavar="M", help="--wer: where the corpus names no speakers; default: 10."
        ),
    ] = None,
    simulate: Annotated[
        bool,
        typer.Option(
            "--simulate", help="--wer: also draw 400 corpora a language, and count how often TARGET is marked."
        ),
    ] = False,
    json_file: JsonFile = None,
    corpus_path: CorpusPath = None,
    results: Results = Path("results"),
) -> None:
    """Say what the suite can detect, what it would take to detect TARGET, and the time and disk of decoding it."""
    loaded = load(suite, corpus_path, results)
    from rich.console import Console

    from bench.io.documents import write_json
    from bench.plan import CORPORA, Supposition, make_plan
    from bench.progress import progress_bar
    from bench.reporting.tables.power import render_plan
    from bench.store import Store

    if wer is None and (clips_per_speaker is not None or simulate):
        given = "--simulate" if simulate else "--clips-per-speaker"
        raise BenchError(f"{given} belongs to --wer; without it, standard errors are read off decodes")
    with progress_bar(Console(stderr=True), "corpora", disable=not simulate) as progress:
        task = progress.add_task("simulating", total=CORPORA * len(loaded.languages))
        advance = (lambda done: progress.advance(task, done)) if simulate else None
        supposed = None if wer is None else Supposition(wer, clips_per_speaker)
        made = make_plan(loaded, Store(results / loaded.name), supposed, target, simulate=advance)
    print(render_plan(made), end="")
    if json_file is not None:
        write_json(json_file, asdict(made))


def doctor(
    suite: SuiteArgument,
    json_file: JsonFile = None,
    corpus_path: CorpusPath = None,
    results: Results = Path("results"),
) -> None:
    """Say what a run of the suite would need and whether it is there, a line each; exit 1 if it would fail."""
    loaded = load(suite, corpus_path, results)
    from bench.doctor import FAIL, examine
    from bench.io.documents import write_json
    from bench.store import Store

    findings = []
    for finding in examine(loaded, Store(results / loaded.name)):
        print(visible(f"{finding.state:<5} {finding.topic:<9} {finding.text}"), flush=True)
        findings.append(finding)
    if json_file is not None:
        write_json(json_file, list(map(asdict, findings)))
    if any(finding.state == FAIL for finding in findings):
        raise typer.Exit(1)
    hint(f"run {quote(suite)}")


def run(
    suite: SuiteArgument,
    arm: Annotated[
        list[str] | None, typer.Option("--arm", metavar="NAME", help="Decode this arm only; may be repeated.")
    ] = None,
    corpus_path: CorpusPath = None,
    results: Results = Path("results"),
    shard: Annotated[
        str | None,
        typer.Option("--shard", metavar="K/N", help="Decode the K-th of N shares alone; a run without it compares."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Clips a language, instead of the suite's.")
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="cpu|cuda", help="Instead of the suite's decode.device.")
    ] = None,
    dtype: Annotated[
        str | None, typer.Option("--dtype", metavar="float32|float16|bfloat16", help="Instead of decode.dtype.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", metavar="N", min=1, help="Clips at once, instead of decode.batch.")
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="local|ray", help="Decode in this process, or on a Ray cluster.")
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="A", help="--engine ray: the cluster's; default: one of this machine's own."),
    ] = None,
) -> None:
    """Decode what is missing; then compare, if every cell is whole.

    What --limit, --device, --dtype and --batch say holds for the verbs that read these results, until the next run.
    """
    from bench.model_folders import require_folders
    from bench.suite import Overrides

    loaded = load_to_run(suite, corpus_path, results, Overrides(limit, device, dtype, batch))
    require_folders(loaded, loaded.named(arm or []))
    from rich.console import Console

    from bench.conversion import make_conversions
    from bench.io.places import require_room
    from bench.runners import WHOLE, Shard, fits_here, make_engine, run_suite
    from bench.store import Store

    decoder = make_engine(engine, address)
    store, console = Store(results / loaded.name), Console(stderr=True)
    require_room(store.folder)
    make_conversions(loaded, console, arm or [])
    share = WHOLE if shard is None else Shard.of_option(shard)
    summary = run_suite(loaded, store, arm or [], console, share, decoder)
    print(f"decoded {summary.decoded} clips, found {summary.found} already decoded ({store.folder})")
    if shard is not None:
        left = ", ".join(map(str, summary.shards))
        whole = f"all shards are decoded; `bench run {suite}` compares"
        print(f"shards still to be decoded: {left} of {share.count}" if left else whole)
    elif summary.missing:
        wanted = {arm.transformers for arm in loaded.arms if arm.id in summary.missing and not fits_here(arm)}
        how = f"with transformers {' and '.join(map(str, wanted))}, elsewhere" if wanted else "run without --arm"
        print(f"not compared: {', '.join(summary.missing)} still to be decoded; {how}")
    else:
        compare_and_warn(loaded, store)
        hint(f"table {quote(suite)}")
