"""The attentions of a stock model that may become latent, with factors of every rank at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bench.mla.convert import convert_attention, share_latent
from bench.mla.inits import Init
from bench.mla.modeling_whisper_mla import WhisperLatentAttention
from bench.mla.moments import Moments
from bench.mla.shapes import ATTENTION, Module, Rank

DOWN = "down_proj.weight"


@dataclass(frozen=True, order=True)
class Site:
    """What has a width of its own: a layer's attention, or (`layer` None) the latent that all layers share."""

    module: Module
    layer: int | None

    @property
    def label(self) -> str:
        """As tables and pictures name it."""
        return "cross, shared" if self.layer is None else f"{self.module} {self.layer}"


class Sites:
    """Latent attentions beside a stock model's own, cut to any rank without being factorised anew.

    The factors of a rank are the first rows and columns of those of full rank. `order` is that of the sites.
    """

    def __init__(
        self,
        model: Any,
        sites: Sequence[Site],
        init: Init,
        moments: Mapping[Module, Sequence[Moments]] | None,
    ) -> None:
        self.model, self.order, self.width = model, tuple(sites), int(model.config.d_model)
        self._latents: dict[Site, list[WhisperLatentAttention]] = {}
        self._whole: dict[Site, list[dict[str, torch.Tensor]]] = {}
        for site in sites:
            stock = self._stock(site)
            of_layers = [None] * len(stock) if moments is None else self._of_site(site, moments[site.module])
            self._latents[site] = self._make(site, stock, init, of_layers)
            self._whole[site] = [_weights(latent) for latent in self._latents[site]]

    @contextmanager
    def cut_to(self, ranks: Mapping[Site, Rank]) -> Iterator[Any]:
        """The model with latents of these ranks; what is not named, has no rank or the whole width stays stock.

        Attention over whole states computes what the stock one does.
        """
        before = list(self.model.model.decoder.layers)
        replaced: list[tuple[Any, str, Any]] = []
        try:
            for site, rank in ranks.items():
                if rank is None or rank >= self.width:
                    continue
                name = ATTENTION[site.module]
                layers = before if site.layer is None else [before[site.layer]]
                for layer, latent in zip(layers, self._cut(site, rank), strict=True):
                    replaced.append((layer, name, getattr(layer, name)))
                    setattr(layer, name, latent)
            yield self.model
        finally:
            for layer, name, attention in replaced:
                setattr(layer, name, attention)

    def _stock(self, site: Site) -> list[Any]:
        layers = self.model.model.decoder.layers
        chosen = layers if site.layer is None else [layers[site.layer]]
        return [getattr(layer, ATTENTION[site.module]) for layer in chosen]

    def _of_site(self, site: Site, moments: Sequence[Moments]) -> list[Moments | None]:
        return list(moments) if site.layer is None else [moments[site.layer]]

    def _make(
        self, site: Site, stock: Sequence[Any], init: Init, moments: Sequence[Moments | None]
    ) -> list[WhisperLatentAttention]:
        config, cross = self.model.config, site.module == "cross"
        shared = nn.Linear(self.width, self.width, bias=False) if site.layer is None else None
        latents = [
            WhisperLatentAttention(config, index, 0, self.width, cross, shared)
            for index in ([site.layer] if site.layer is not None else range(len(stock)))
        ]
        for latent in latents:
            latent.to(self.model.device, self.model.dtype).eval().requires_grad_(False)
        if shared is not None:
            shared.to(self.model.device, self.model.dtype).requires_grad_(False)
            share_latent(stock, latents, init, moments)
        else:
            convert_attention(stock[0], latents[0], init, moments[0])
        return latents

    def _cut(self, site: Site, rank: int) -> list[WhisperLatentAttention]:
        for latent, whole in zip(self._latents[site], self._whole[site], strict=True):
            latent.rank = rank
            for name in ("k_up_proj", "v_up_proj"):
                getattr(latent, name).weight = nn.Parameter(whole[f"{name}.weight"][:, :rank], requires_grad=False)
            _down(latent).weight = nn.Parameter(whole[DOWN][:rank], requires_grad=False)
        return self._latents[site]


def _weights(latent: WhisperLatentAttention) -> dict[str, torch.Tensor]:
    """Of full rank; the projection down under one name, whoever holds it."""
    return {**dict(latent.named_parameters()), DOWN: _down(latent).weight}


def _down(latent: WhisperLatentAttention) -> nn.Linear:
    assert latent.down is not None
    return latent.down
