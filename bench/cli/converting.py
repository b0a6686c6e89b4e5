"""Verbs that make models."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import BaseModel, CorpusPath, Licence, Push, Results, SuiteArgument, Title, load
from bench.cli.saying import hint, warn
from bench.errors import BenchError

if TYPE_CHECKING:
    from bench.suite import ArmSpec

ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="A folder, a hub id, or demo:NAME.")]
NewFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is new or empty.")]


def convert(
    model: ModelArgument,
    folder: NewFolder,
    modules: Annotated[
        str, typer.Option("--modules", metavar="NAMES", help="decoder-self, cross, or decoder-self,cross.")
    ] = "decoder-self",
    init: Annotated[
        str, typer.Option("--init", metavar="INIT", help="paper, svd, activation, balanced or exact (lossless).")
    ] = "balanced",
    cache_cut: Annotated[
        float | None, typer.Option("--cache-cut", metavar="SHARE", help="0.625: cache 62.5 % fewer values.")
    ] = None,
    rank: Annotated[
        int | None, typer.Option("--rank", metavar="R", help="The latent's width, instead of a cut.")
    ] = None,
    kept: Annotated[
        int | None, typer.Option("--kept", metavar="K", help="With --rank: key dimensions kept, over all heads.")
    ] = None,
    calibration: Annotated[
        str | None,
        typer.Option(
            "--calibration", metavar="SUITE|FILE", help="Clips for activation and balanced, and to measure on."
        ),
    ] = None,
    calibration_text: Annotated[
        Path | None,
        typer.Option(
            "--calibration-text",
            metavar="FILE.tsv",
            help="Columns sentence and locale: text alone calibrates languages without clips.",
        ),
    ] = None,
    clips: Annotated[
        int, typer.Option("--clips", metavar="N", min=4, help="Of each language; every fourth is held back.")
    ] = 16,
    allocate: Annotated[
        bool | None,
        typer.Option("--allocate/--even", help="Widths by need (activation and balanced; their default), or alike."),
    ] = None,
    max_divergence: Annotated[
        float | None,
        typer.Option("--max-divergence", metavar="NATS", help="Instead of a cut: the least that loses no more."),
    ] = None,
    share_cross: Annotated[
        bool, typer.Option("--share-cross", help="Cross-attentions share one latent of the encoder's output.")
    ] = False,
    tokens: Annotated[
        int | None,
        typer.Option("--tokens", metavar="N", min=1, help="Of a transcript, to trade self and cross; default: median."),
    ] = None,
    kv: Annotated[
        str | None,
        typer.Option("--kv", metavar="int8", help="For a cache in 8 bits, and measured with it."),
    ] = None,
) -> None:
    """Give a Whisper latent attention; say what it then caches and what that does before any training."""
    from bench.conversion_request import ConversionRequest

    request = ConversionRequest.of_options(
        modules, init, cache_cut, rank, kept, share_cross, allocate, max_divergence, tokens, kv
    )
    _require(model, folder)
    from bench.corpora import choose_clips

    chosen = None if calibration is None else choose_clips(calibration, clips)
    from rich.console import Console

    from bench.conversion import prepare_conversion, render_conversion
    from bench.progress import StageBars, progress_bar

    prepared = prepare_conversion(model, folder, request, chosen, calibration_text)
    if prepared.needed:
        warn(f"{prepared.needed:,} clips and texts to read, some several times; how long shows as it goes")
    with progress_bar(Console(stderr=True), "clips") as progress:
        task = progress.add_task("converting", total=prepared.needed, visible=prepared.needed > 0)
        stages = StageBars(progress)
        conversion = prepared.run(lambda count: progress.advance(task, count), stages.watch)
        stages.end()
    print(render_conversion(conversion), end="")
    print(f"wrote {folder}")
    for caution in filter(None, (prepared.caution, conversion.caution)):
        warn(f"caution: {caution}")
    hint(f"init {quote(model)} {quote(str(folder))} CLIPS", f"memory --budget {quote(str(folder))}")


def _require(model: str, folder: Path) -> "ArmSpec":
    """The model that is there, and a folder that it may go to; told before anything heavy is imported."""
    from bench.model_folders import find_folder, require_new
    from bench.suite import ArmSpec, resolve_model

    require_new(folder)
    spec = ArmSpec(name="model", model=resolve_model(model, Path.cwd()))
    find_folder(spec)
    return spec


def export(
    model: ModelArgument,
    folder: NewFolder,
    suite: Annotated[
        str | None,
        typer.Option("--suite", metavar="SUITE", help="Whose results its card tells; one of its arms is this model."),
    ] = None,
    title: Title = None,
    base_model: BaseModel = None,
    licence: Licence = None,
    push: Push = None,
    results: Results = Path("results"),
) -> None:
    """Write a converted model with its code and its card, so that transformers loads it without this package."""
    loaded = None if suite is None else load(suite, results=results)
    spec = _require(model, folder)
    from bench.arms import find_arm
    from bench.cli.card_of_export import measured_card, plain_writer
    from bench.conversion import export as export_model
    from bench.io.publishing import require_repo
    from bench.reporting.card import CardWords
    from bench.reporting.card.readme import push_model

    if push is not None:
        require_repo(push)
    source = find_arm(spec)
    said = CardWords(title, base_model, licence, push).over(CardWords(title=folder.resolve().name))
    card = None if loaded is None else measured_card(source, loaded, results, said)
    export_model(source, folder, plain_writer(source, said) if card is None else card.write)
    print(f"wrote {folder}; load it with AutoModelForSpeechSeq2Seq.from_pretrained(..., trust_remote_code=True)")
    for line in () if card is None else card.missing(folder):
        warn(line)
    if card is None:
        warn(f"its card says nothing of what it costs: give --suite, or `bench card SUITE --into {folder}/README.md`")
    if push is not None:
        print(f"pushed {push_model(folder, push)}")


def recover(suite: SuiteArgument, corpus_path: CorpusPath = None) -> None:
    """Fine-tune converted arms and their control identically, from their `start`; go on where it was stopped."""
    loaded = load(suite, corpus_path)
    recovery = loaded.recovery
    if recovery is None:
        raise BenchError(f"{suite}: has no [recovery]; say there which clips to train on, and for how many steps")
    from rich.console import Console

    from bench.conversion import make_conversions
    from bench.progress import loss_bar
    from bench.recovery.clips import load_training_clips
    from bench.recovery.groups import groups_of, list_untrained
    from bench.recovery.recover import recover_group

    groups = groups_of(loaded)
    clips = load_training_clips(loaded, recovery)
    make_conversions(loaded, Console(stderr=True))
    for line in (*list_untrained(loaded), *clips.notes):
        warn(f"caution: {line}")
    console = Console(stderr=True)
    for group in groups:
        for arm in recover_group(loaded, recovery, group, clips, loss_bar(console, recovery.steps)):
            state = "found" if arm.found else "trained"
            print(f"{state} {arm.arm}: loss {arm.first:.3f} to {arm.last:.3f} ({arm.folder})")
    hint(f"run {quote(suite)}")
