"""A conversion as text."""

from bench.conversion.allocation.allocating import Allocation
from bench.conversion.converting import Conversion, LayerConversion
from bench.mla.shapes import Module
from bench.reporting.text.format import MINUS
from bench.reporting.text.markdown import markdown_table

NAMES: dict[Module, str] = {"self": "self-attention", "cross": "cross-attention"}
HEADER = ["attention", "layer", "values cached", "parameters", "error of keys", "of values"]
ALLOCATED = ["latent", "rank", "divergence alone"]
LEGEND = (
    "values cached: a token in self-attention, an encoder position in cross-attention. error: root mean square, "
    "relative to the keys' and values' own, on clips that the conversion did not see."
)


def render_conversion(conversion: Conversion) -> str:
    """A row a layer and the model; then the decode cache, and what the conversion does before any training."""
    rows = [_row(conversion, layer) for layer in conversion.layers]
    rows += [_total(conversion, module) for module in dict.fromkeys(layer.module for layer in conversion.layers)]
    rows.append(["whole model", "", "", _change(*conversion.parameters), "", ""])
    parts = [markdown_table(HEADER, rows), _cache_line(conversion), _damage_line(conversion), LEGEND]
    if conversion.allocation is not None:
        parts[1:1] = [markdown_table(ALLOCATED, _allocated(conversion.allocation)), _joint_line(conversion.allocation)]
    return "\n\n".join(parts) + "\n"


def _allocated(allocation: Allocation) -> list[list[str]]:
    """A row a site: the rank that it was given, and what that alone does."""
    alone = {curve.site: curve for curve in allocation.curves}
    rows = []
    for site, rank in allocation.ranks:
        whole = rank >= alone[site].width
        shown = "whole states" if whole else f"{rank:,} of {alone[site].width:,}"
        rows.append([site.label, shown, "0" if whole else f"{alone[site].at([rank])[0]:.2g}"])
    return rows


def _joint_line(allocation: Allocation) -> str:
    cached = allocation.prices.total(dict(allocation.ranks))
    return (
        f"together: {allocation.nats:.2g} nats a token, on calibration clips that no factor tried there came from; "
        f"{cached:,} values cached of {allocation.budget:,} allowed, at {allocation.prices.tokens} tokens"
    )


def _total(conversion: Conversion, module: Module) -> list[str]:
    before, after = (layout.values(module) for layout in conversion.layouts)
    parameters = [layer.parameters for layer in conversion.layers if layer.module == module]
    change = _change(*(sum(counts) for counts in zip(*parameters, strict=True)))
    shared = f" + {conversion.layouts[1].states} once" if module == "cross" and not after else ""
    return [NAMES[module], "all", _change(before, after) + shared, change, "", ""]


def _row(conversion: Conversion, layer: LayerConversion) -> list[str]:
    before, after = (layout.of_layer(layer.module, layer.layer) for layout in conversion.layouts)
    once = layer.module == "cross" and conversion.layouts[1].is_shared
    cached = f"{before:,} → {after:,}, shared" if once else _change(before, after)
    errors = layer.reconstruction
    shown = ["n/a", "n/a"] if errors is None else [f"{100 * error:.2f} %" for error in (errors.keys, errors.values)]
    return [NAMES[layer.module], str(layer.layer), cached, _change(*layer.parameters), *shown]


def _change(before: int, after: int) -> str:
    return f"{before:,} → {after:,} ({_percent(before, after)})"


def _percent(before: int, after: int) -> str:
    return f"{100 * (after - before) / before:+.1f} %".replace("-", MINUS)


def _cache_line(conversion: Conversion) -> str:
    """Of a whole window at the longest transcript, and at a fifth of it, in values: bytes depend on the dtype."""
    config = conversion.model.config
    frames, longest = config.max_source_positions, config.max_target_positions
    shown = []
    for tokens in (longest // 5, longest):
        before, after = (layout.decode_bytes(tokens, frames, 1) for layout in conversion.layouts)
        shown.append(f"{_change(before, after)} at {tokens} tokens")
    return f"decode cache of one clip ({frames} encoder positions), in values: {'; '.join(shown)}"


def _damage_line(conversion: Conversion) -> str:
    damage = conversion.damage
    if damage is None:
        return "damage: not measured without clips; give --calibration SUITE or a manifest"
    made = f", made with {damage.seen} others" if damage.seen else ""
    read = conversion.calibration.read if conversion.calibration is not None else ()
    made += f" and text alone in {', '.join(read)}" if read else ""
    made += f"; {damage.passed_over} passed over, unreadable or longer than the window" if damage.passed_over else ""
    made += ", with its cache in 8 bits" if damage.kv else ""
    return (
        f"before any training: KL divergence to the original {damage.divergence:.2g} nats a token, on "
        f"{damage.held_back} clips of {damage.corpus}{made}"
    )
