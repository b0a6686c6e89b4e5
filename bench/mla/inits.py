"""How the factors of a latent may be made; no library is loaded for their names."""

from typing import Literal, get_args

Init = Literal["paper", "svd", "activation", "balanced", "exact"]
INITS: tuple[Init, ...] = get_args(Init)
CALIBRATED: tuple[Init, ...] = ("activation", "balanced")
"""The inits that need moments."""
