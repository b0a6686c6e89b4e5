"""Corpora of the hub: Parquet or folders of audio, at one commit."""

from bench.corpora.hub.reading import read_hub

__all__ = ["read_hub"]
