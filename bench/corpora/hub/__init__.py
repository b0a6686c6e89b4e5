"""Corpora of the hub: Parquet or folders of audio, at one commit."""
