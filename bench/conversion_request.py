"""What a conversion was asked to be, checked before anything is loaded; and the shapes it comes to for a model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from bench.errors import BenchError
from bench.mla.inits import CALIBRATED, INITS, Init
from bench.mla.shapes import EXACT, INT8, KV, LatentShape, Module, require_possible, shape_of_cut

MODULES: dict[str, Module] = {"decoder-self": "self", "cross": "cross"}


@dataclass(frozen=True)
class ConversionRequest:
    """Modules, init and either a cut of their cache, or rank and kept dimensions, or neither for `exact`.

    `allocate`: widths where they are needed, for the cut or for `max_divergence` nats a token; else every layer has the
    same. `share_cross`: one latent of the encoder's output for all layers. `tokens`: of the transcript at which values
    of self- and cross-attention are traded; None for the median of the calibration clips. `kv`: how the cache will be
    stored; in 8 bits a shared latent of the whole width is worth keeping, since encoder states are never rounded.
    """

    modules: tuple[Module, ...]
    init: Init
    cut: float | None
    rank: int | None
    kept: int
    share_cross: bool = False
    allocate: bool = False
    max_divergence: float | None = None
    tokens: int | None = None
    kv: KV | None = None

    @classmethod
    def of_options(
        cls,
        modules: str,
        init: str,
        cut: float | None,
        rank: int | None,
        kept: int | None,
        share_cross: bool = False,
        allocate: bool | None = False,
        max_divergence: float | None = None,
        tokens: int | None = None,
        kv: str | None = None,
    ) -> "ConversionRequest":
        """`allocate`: None where nothing was said.

        Raises BenchError naming the option that does not fit, and what would.
        """
        names = [name.strip() for name in modules.split(",")]
        if unknown := [name for name in names if name not in MODULES]:
            raise BenchError(f"--modules {unknown[0]!r}: must be decoder-self, cross, or both with a comma between")
        if init not in INITS:
            raise BenchError(f"--init {init}: must be one of {', '.join(INITS)}")
        widths = {"--cache-cut": cut, "--rank": rank, "--kept": kept, "--max-divergence": max_divergence}
        _require_fitting(init, {option: value for option, value in widths.items() if value is not None}, kept)
        if share_cross and "cross" not in names:
            raise BenchError("--share-cross: goes with --modules cross or decoder-self,cross")
        if share_cross and (init == "exact" or kept):
            raise BenchError("--share-cross: makes one latent without kept dimensions; use svd, activation or balanced")
        allocates = _allocates(init, rank, allocate, max_divergence)
        if share_cross and not allocates and rank is None:
            raise BenchError("--share-cross: with --even say the latent's --rank; a cut can be allocated alone")
        if tokens is not None and not (allocates and "cross" in names):
            raise BenchError("--tokens: is where widths of cross-attention are allocated; leave it out")
        if kv not in (None, INT8):
            raise BenchError(f"--kv {kv}: must be {INT8}, or be left out for the model's dtype")
        chosen = tuple(dict.fromkeys(MODULES[name] for name in names))
        return cls(
            chosen, init, cut, rank, kept or 0, share_cross, allocates, max_divergence, tokens, INT8 if kv else None
        )

    @property
    def calibrated(self) -> bool:
        """Whether it takes calibration clips."""
        return self.init in CALIBRATED

    def require_possible(self, config: Any) -> None:
        """For a model of that configuration. Raises BenchError."""
        if not self.allocate:
            self.shapes(config)
        elif self.cut is not None and "cross" not in self.modules:
            shape_of_cut(self.cut, config.d_model, config.decoder_attention_heads, keeps=False)

    def shapes(self, config: Any) -> dict[Module, LatentShape]:
        """Of every layer alike, for a model of that configuration. Raises BenchError where it is impossible."""
        width, heads = config.d_model, config.decoder_attention_heads
        if self.init == "exact":
            shape = EXACT
        elif self.cut is not None:
            shape = shape_of_cut(self.cut, width, heads, keeps=self.init == "paper")
        else:
            shape = LatentShape(self.kept, self.rank)
        shapes = {module: replace(shape, shared=self.share_cross and module == "cross") for module in self.modules}
        require_possible(shapes, width, heads, config.decoder_layers)
        return shapes


def _require_fitting(init: str, widths: Mapping[str, float], kept: int | None) -> None:
    """What settles the widths is said once, and fits the init."""
    if init == "exact" and widths:
        raise BenchError(
            f"{next(iter(widths))}: exact has no width to choose (each layer's input is cached); leave it out"
        )
    settling = [option for option in widths if option != "--kept"]
    if init != "exact" and len(settling) != 1:
        raise BenchError(
            "give one of --cache-cut (0.625: 62.5 % fewer cached values), --rank, with --kept or without, and "
            "--max-divergence"
        )
    if kept is not None and "--rank" not in widths:
        raise BenchError(f"--kept: goes with --rank; {settling[0]} settles both")
    if init == "svd" and kept:
        raise BenchError(f"--kept {kept}: svd puts every key dimension into the latent; set 0 or use another init")
    if init == "paper" and "--rank" in widths and not kept:
        raise BenchError("--kept: paper keeps key dimensions; say how many, or use svd")


def _allocates(init: str, rank: int | None, asked: bool | None, max_divergence: float | None) -> bool:
    """A calibrated init allocates a cut or a loss unless it is to be even."""
    able = init in CALIBRATED and rank is None
    if not able and (asked or max_divergence is not None):
        option = "--allocate" if max_divergence is None else "--max-divergence"
        raise BenchError(
            f"{option}: allocates widths by their damage on clips; take --init balanced or activation, no --rank"
        )
    if max_divergence is not None and not 0 < max_divergence < inf:
        raise BenchError(f"--max-divergence {max_divergence:g}: must be above 0; the exact init loses nothing")
    if max_divergence is not None and asked is False:
        raise BenchError("--max-divergence: is met by allocating widths; leave out --even")
    return able if asked is None else asked
