"""Aligned transcripts for a terminal, as scoring tools print them."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from bench.analysis.alignments import Movement, PairedUtterance, Step, Transcript, steps
from bench.scoring import Metric
from bench.visible import visible

WIDTH = 110
"""Columns of a terminal that an alignment is folded at."""
GAP = "*"
"""Fills the place where one side has nothing."""


def render_movement(movement: Movement, count: int) -> str:
    """The worst utterances, then the best, at most `count` each way, each with both alignments.

    Edits are labelled S, D and I below them.
    """
    unit = "words" if movement.metric == "wer" else "characters"
    arm, control = visible(movement.arm.id), visible(movement.control.id)
    clips = f"{movement.clips} clips, errors in {unit}"
    title = f"{movement.language}, {movement.condition}: {arm} against {control}, {clips}"
    parts = [title]
    for name, moved in (("worse", movement.worse(count)), ("better", movement.better(count))):
        if moved:
            parts.append(f"--- {name} ---")
            parts += [_utterance(utterance, arm, control, movement.metric) for utterance in moved]
    if len(parts) == 1:
        parts.append("No utterance has more errors, or fewer, than before.")
    return "\n\n".join(parts) + "\n"


def _utterance(moved: PairedUtterance, arm: str, control: str, metric: Metric) -> str:
    speaker = f", speaker {visible(moved.speaker)}" if moved.speaker else ""
    head = (
        f"{visible(moved.utterance_id)}{speaker}: {moved.control.errors} -> {moved.converted.errors} errors "
        f"({moved.change:+d}) of {moved.length}"
    )
    sides = ((control, moved.control), (arm, moved.converted))
    alignments = [_alignment(name, side, steps(moved.reference, side, metric)) for name, side in sides]
    return "\n".join([head, *(line for lines in alignments for line in lines)])


def _alignment(name: str, transcript: Transcript, aligned: Sequence[Step]) -> Iterator[str]:
    flags = "".join(f" [{flag}]" for flag in ("loop", "empty") if getattr(transcript, flag))
    names = ["REF", f"{name}{flags}", ""]
    margin = max(map(cell_len, names))
    for piece in _folded(aligned, WIDTH - margin):
        rows: list[list[str]] = [[], [], []]
        for step in piece:
            cells = [visible(step.reference), visible(step.hypothesis), "" if step.edit == "=" else step.edit]
            width = max(map(cell_len, cells))
            cells = [cell or GAP * width if row < 2 else cell for row, cell in enumerate(cells)]
            for row, cell in zip(rows, cells, strict=True):
                row.append(cell + " " * (width - cell_len(cell)))
        for label, row in zip(names, rows, strict=True):
            yield f"  {label}{' ' * (margin - cell_len(label))}  {' '.join(row)}".rstrip()


def _folded(aligned: Sequence[Step], width: int) -> Iterator[list[Step]]:
    """Pieces that fit into a line; one at least, so that an empty alignment shows that it is."""
    piece: list[Step] = []
    used = 0
    for step in aligned:
        needed = 1 + max(cell_len(visible(step.reference)), cell_len(visible(step.hypothesis)), 1)
        if piece and used + needed > width:
            yield piece
            piece, used = [], 0
        piece.append(step)
        used += needed
    yield piece
