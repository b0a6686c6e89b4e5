"""What a converted speech model costs, in which language and how surely, against an identically trained control.

From Python: `bench.compare` and `bench.rank` for lists of hypotheses; `load_suite`, `run`, `load_results` and `render`
for suites; `convert` for models. Each is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from bench.version import __version__

if TYPE_CHECKING:
    from bench.api import (
        BenchError,
        Compared,
        Comparison,
        Estimate,
        Ranked,
        Ranking,
        Results,
        Suite,
        compare,
        convert,
        load_results,
        load_suite,
        rank,
        render,
        run,
    )

__all__ = [
    "BenchError",
    "Compared",
    "Comparison",
    "Estimate",
    "Ranked",
    "Ranking",
    "Results",
    "Suite",
    "__version__",
    "compare",
    "convert",
    "load_results",
    "load_suite",
    "rank",
    "render",
    "run",
]


def __getattr__(name: str) -> Any:
    """One of `__all__`, loaded now."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from bench import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
