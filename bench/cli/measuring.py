"""Verbs about bytes."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bench.errors import BenchError

BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}
MODULES = {"decoder-self": "self", "cross": "cross"}


def memory(
    budget: Annotated[
        str,
        typer.Option(
            "--budget",
            metavar="SHAPE",
            help="tiny, base, small, medium, large-v3, turbo, or a model's folder.",
        ),
    ],
    cut: Annotated[float | None, typer.Option("--cut", metavar="SHARE", help="Of the cache: 0.625, say.")] = None,
    modules: Annotated[
        str, typer.Option("--modules", metavar="LIST", help="What is cut: decoder-self, cross, or both with a comma.")
    ] = "decoder-self",
    tokens: Annotated[int, typer.Option("--tokens", help="Cached text positions, the prompt among them.", min=1)] = 448,
    frames: Annotated[
        int | None, typer.Option("--frames", help="Encoder positions; default: the model's window.", min=1)
    ] = None,
    batch: Annotated[int, typer.Option("--batch", help="Clips at once.", min=1)] = 1,
    beams: Annotated[int, typer.Option("--beams", help="Beams a clip.", min=1)] = 1,
    dtype: Annotated[str, typer.Option("--dtype", metavar="|".join(BYTES), help="Of weights and caches.")] = "float16",
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the bytes as JSON.")] = None,
) -> None:
    """Say what decoding takes, byte by byte and in closed form, and what a smaller cache would save."""
    from bench.files import write_atomically
    from bench.memory import Load, list_rivals, read_config
    from bench.reporting import budget_records, render_budget

    if dtype not in BYTES:
        raise BenchError(f"--dtype {dtype}: choose {', '.join(BYTES)}")
    if unknown := [name for name in modules.split(",") if name not in MODULES]:
        raise BenchError(f"--modules {unknown[0]}: choose {', '.join(MODULES)}, or both with a comma")
    config = read_config(budget)
    frames = frames or config.max_source_positions
    for option, value, most in (
        ("--tokens", tokens, config.max_target_positions),
        ("--frames", frames, config.max_source_positions),
    ):
        if value > most:
            raise BenchError(f"{option} {value}: {budget} has {most} positions at most")
    load = Load(batch, beams, tokens, frames, BYTES[dtype])
    rivals = list_rivals(config, load, cut, [MODULES[name] for name in modules.split(",")])  # type: ignore[misc]
    print(render_budget(budget, load, rivals), end="")
    if json_file is not None:
        text = json.dumps(budget_records(budget, load, rivals), indent=2) + "\n"
        write_atomically(json_file, lambda path: path.write_text(text, encoding="utf-8"))
