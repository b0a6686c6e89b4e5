"""`bench compare`: of a suite's arms, or of files of decodes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import CorpusPath, Results, load
from bench.cli.saying import hint, warn
from bench.errors import BenchError
from bench.io.files import is_file

if TYPE_CHECKING:
    from bench.comparing import Comparison
    from bench.comparing.external import JSON, PairOptions
    from bench.io.places import Place
    from bench.store import Store
    from bench.suite import Suite

OptionalPath = Path | None


def compare(
    control: Annotated[
        str, typer.Argument(metavar="SUITE | CONTROL", help="A suite; or the decodes that all others are held against.")
    ],
    systems: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SYSTEM",
            help="Others over the same clips, as CONTROL: .parquet (or a folder), .jsonl, .tsv, .csv, .trn, .txt.",
        ),
    ] = None,
    all_pairs: Annotated[
        bool, typer.Option("--all-pairs", help="Compare each system with each, not with CONTROL alone.")
    ] = False,
    reference: Annotated[
        OptionalPath,
        typer.Option("--reference", metavar="FILE", help="References, where the decodes hold none."),
    ] = None,
    speakers: Annotated[
        OptionalPath, typer.Option("--speakers", metavar="FILE.tsv", help="Columns id and speaker.")
    ] = None,
    hypothesis_field: Annotated[
        list[str] | None,
        typer.Option("--hypothesis-field", metavar="NAME", help="Once for all files, or once a file, in their order."),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", metavar="CODE", help="Whisper's code, or another tag: en-US, yue_hant_hk."),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric", metavar="wer|cer", help="Default: cer where words have no spaces: zh yue ja th lo my km bo."
        ),
    ] = None,
    normalizer: Annotated[
        str, typer.Option("--normalizer", metavar="NAME", help="As in a suite: multilingual, open-asr, none ….")
    ] = "multilingual",
    margin: Annotated[
        float | None, typer.Option("--margin", metavar="POINTS", help="A cost that would not matter.")
    ] = None,
    resamples: Annotated[
        int | None, typer.Option("--resamples", metavar="B", help="Default: 10,000, or 400 a pair if that is more.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the resamples.")] = 1,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="speaker|utterance", help="Default: speakers where they are known.")
    ] = None,
    intersect: Annotated[bool, typer.Option("--intersect", help="Take the ids that all files have.")] = False,
    worst: Annotated[
        int | None,
        typer.Option("--worst", metavar="N", min=1, help="Of two files: the N utterances that moved most, each way."),
    ] = None,
    json_file: Annotated[OptionalPath, typer.Option("--json", metavar="FILE", help="Write the result as JSON.")] = None,
    page: Annotated[
        OptionalPath,
        typer.Option("--page", metavar="FILE.html", help="Write a page: costs, and every utterance aligned."),
    ] = None,
    corpus_path: CorpusPath = None,
    results: Results = Path("results"),
) -> None:
    """Compare every arm of a suite with its control; or files of decodes (an id and a text for each clip).

    SUITE: count errors in its decodes, compare each arm with its control, and store that for the other verbs.

    CONTROL A: what A costs against CONTROL, with interval, tests and verdict.

    CONTROL A B C …: the same of each, as a ranking, p corrected (Holm) over the pairs tested. Systems that the tests do
    not tell apart share a rank.
    """
    if not systems and Path(control).suffix not in ("", ".toml") and is_file(Path(control)):
        raise BenchError(f"{control}: is one file; name another to hold against it: bench compare {control} OTHER")
    loaded = None if systems else load(control, corpus_path, results)
    from bench.comparing.external import PairOptions

    fields = tuple(hypothesis_field or ())
    options = PairOptions(
        reference, speakers, fields, language, metric, normalizer, margin, resamples, seed, unit, intersect, all_pairs
    )
    if loaded is not None:
        if options != PairOptions() or (json_file, page, worst) != (None, None, None):
            raise BenchError(
                "these options belong to two files of decodes or more; what a suite compares stands in the suite, and "
                "its page is `bench report`'s"
            )
        _compare_suite(control, loaded, results)
        return
    if corpus_path is not None:
        raise BenchError("--corpus-path belongs to a suite; files of decodes take --reference and --speakers")
    paths = [Path(control), *(systems or ())]
    if worst is not None and len(paths) > 2:
        raise BenchError("--worst: of two files; compare the two that are to be looked at")
    if page is not None and all_pairs:
        raise BenchError("--page: of systems against CONTROL alone; leave --all-pairs out")
    done = _compare_two(paths, options, worst or 0) if len(paths) == 2 else _rank(paths, options)
    for line in done.cautions:
        warn(f"caution: {line}")
    print(done.text, end="")
    if json_file is not None:
        from bench.io.documents import write_json

        write_json(json_file, done.objects[0] if len(done.objects) == 1 else done.objects)
    if page is not None:
        _write_page(page, paths, options, done)
        warn(f"wrote {page}")


def _compare_suite(argument: str, suite: "Suite", results: "Place") -> None:
    from bench.refreshing import refresh_utterances
    from bench.store import Store

    store = Store(results / suite.name)
    if absent := refresh_utterances(suite, store):
        warn(f"references and speakers are as the last run recorded them: {absent}")
    compare_and_warn(suite, store)
    print(f"wrote {store.counts_path} and {store.table_path('comparisons')}")
    hint(f"table {quote(argument)}")


@dataclass(frozen=True)
class _Done:
    """What is printed, one object a condition, what to be wary of; the comparisons, and what pins each condition."""

    text: str
    objects: "list[dict[str, JSON]]"
    cautions: list[str]
    comparisons: "Sequence[Comparison]"
    signatures: Sequence[str]


def _compare_two(paths: Sequence[Path], options: "PairOptions", worst: int) -> _Done:
    from bench.analysis.cautions import list_cautions
    from bench.analysis.file_utterances import movements_of_files
    from bench.comparing.external import called_as_files, compare_files, to_json
    from bench.reporting.tables.pair import render_pair
    from bench.reporting.text.terminal import render_movement

    result = compare_files(paths[0], paths[1], options)
    text = render_pair(result.comparisons, result.signatures, options.margin)
    named = called_as_files(result.comparisons, paths, options)
    if worst:
        moved = movements_of_files(paths, options, named, [2 * worst] * len(named))
        text = "\n".join([text, *(render_movement(movement, worst) for movement in moved)])
    objects = list(map(to_json, result.comparisons, result.signatures))
    cautions = [*result.notices, *list_cautions(result.comparisons)]
    return _Done(text, objects, cautions, named, result.signatures)


def _rank(paths: Sequence[Path], options: "PairOptions") -> _Done:
    from bench.analysis.cautions import list_cautions
    from bench.comparing.external import rank_files, ranking_to_json
    from bench.reporting.tables.ranking import render_rankings

    result = rank_files(paths, options)
    text = render_rankings(result.rankings, options.margin)
    objects, signatures = zip(*((ranking_to_json(each), each.signature) for each in result.rankings), strict=True)
    cautions = [*result.notices, *list_cautions(result.comparisons)]
    return _Done(text, list(objects), cautions, result.comparisons, signatures)


def _write_page(path: Path, paths: Sequence[Path], options: "PairOptions", done: _Done) -> None:
    """As many utterances as a page of a suite has, of every cell those that moved most."""
    from functools import partial

    from bench.analysis.file_utterances import movements_of_files
    from bench.analysis.utterances import share_out
    from bench.io.files import write_atomically, write_text
    from bench.reporting.explorer import MOST_UTTERANCES, render_page
    from bench.reporting.explorer.of_files import page_of_files

    most = share_out([row.sample.clips for row in done.comparisons], MOST_UTTERANCES)
    moved = list(movements_of_files(paths, options, done.comparisons, most))
    told = page_of_files(done.comparisons, done.signatures, options.margin, done.cautions)
    write_atomically(path, partial(write_text, render_page(told, moved)))


def compare_and_warn(suite: "Suite", store: "Store") -> None:
    """Compares, names the clips that had to be left out, and says what to be wary of."""
    from bench.analysis.cautions import list_cautions
    from bench.comparing import compare_suite, list_unreadable

    compared = compare_suite(suite, store)
    for line in list_unreadable(store):
        warn(f"left out as unreadable: {line}")
    unheard = store.read_manifest().list_unheard([arm.id for arm in suite.arms], suite.languages)
    for line in [*list_cautions(compared.comparisons), *unheard]:
        warn(f"caution: {line}")
