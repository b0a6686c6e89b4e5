"""Numbers as they are printed everywhere; nothing is loaded for them."""

import math

MINUS = "\N{MINUS SIGN}"


def signed(value: float, digits: int = 2) -> str:
    """+2.41 or −0.19, with a true minus sign; n/a where there is no number."""
    if math.isnan(value):
        return "n/a"
    rounded = f"{value:+.{digits}f}"
    return rounded.replace("-", MINUS)


def percent(change: float) -> str:
    """−14.4 %."""
    return f"{signed(change, 1)} %"


def mebibytes(value: float) -> str:
    return f"{value / 2**20:,.2f} MiB"
