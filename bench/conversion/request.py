"""What a conversion was asked to be, checked before anything is loaded; and the shapes it comes to for a model."""

from dataclasses import dataclass
from typing import Any

from bench.errors import BenchError
from bench.mla.convert import CALIBRATED, INITS, Init
from bench.mla.shapes import EXACT, LatentShape, Module, require_possible, shape_of_cut

MODULES: dict[str, Module] = {"decoder-self": "self", "cross": "cross"}


@dataclass(frozen=True)
class ConversionRequest:
    """Modules, init and either a cut of each module's cache, or rank and kept dimensions, or neither for `exact`."""

    modules: tuple[Module, ...]
    init: Init
    cut: float | None
    rank: int | None
    kept: int

    @classmethod
    def of_options(
        cls, modules: str, init: str, cut: float | None, rank: int | None, kept: int | None
    ) -> "ConversionRequest":
        """Raises BenchError naming the option that does not fit, and what would."""
        names = [name.strip() for name in modules.split(",")]
        if unknown := [name for name in names if name not in MODULES]:
            raise BenchError(f"--modules {unknown[0]!r}: must be decoder-self, cross, or both with a comma between")
        if init not in INITS:
            raise BenchError(f"--init {init}: must be one of {', '.join(INITS)}")
        given = [
            f"--{name}" for name, value in (("cache-cut", cut), ("rank", rank), ("kept", kept)) if value is not None
        ]
        if init == "exact" and given:
            raise BenchError(f"{given[0]}: exact has no width to choose (each layer's input is cached); leave it out")
        if init != "exact" and (cut is None) == (rank is None):
            raise BenchError(
                "give either --cache-cut (0.625: 62.5 % fewer cached values) or --rank, with --kept or without"
            )
        if kept is not None and cut is not None:
            raise BenchError("--kept: goes with --rank; --cache-cut settles both")
        if init == "svd" and kept:
            raise BenchError(f"--kept {kept}: svd puts every key dimension into the latent; set 0 or use another init")
        if init == "paper" and rank is not None and not kept:
            raise BenchError("--kept: paper keeps key dimensions; say how many, or use svd")
        return cls(tuple(dict.fromkeys(MODULES[name] for name in names)), init, cut, rank, kept or 0)

    @property
    def calibrated(self) -> bool:
        """Whether it takes calibration clips."""
        return self.init in CALIBRATED

    def shapes(self, config: Any) -> dict[Module, LatentShape]:
        """For a model of that configuration. Raises BenchError where it is impossible."""
        width, heads = config.d_model, config.decoder_attention_heads
        if self.init == "exact":
            shape = EXACT
        elif self.cut is not None:
            shape = shape_of_cut(self.cut, width, heads, keeps=self.init == "paper")
        else:
            shape = LatentShape(self.kept, self.rank)
        shapes = dict.fromkeys(self.modules, shape)
        require_possible(shapes, width, heads, config.decoder_layers)
        return shapes
