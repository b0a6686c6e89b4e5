"""Common Voice as it is distributed: a release folder, or the archive of one locale."""

from bench.corpora.common_voice.reading import read_common_voice

__all__ = ["read_common_voice"]
