"""Whether a suite's clips fit into the windows of its arms, where it refuses longer ones."""

from collections.abc import Sequence

from bench.corpora import Corpus, require_within
from bench.runners.recognisers import Source, window_of
from bench.suite import DecodeSpec

WAY_OUT = 'remove them, or set decode.long_clips to "truncate" (cut and counted) or "sequential" (window by window)'


def require_fitting(decode: DecodeSpec, corpus: Corpus, sources: Sequence[Source]) -> None:
    """Raises BenchError where clips are longer than the shortest window of the arms, and the suite refuses such clips.

    Of the clips themselves: what a condition makes longer is cut.
    """
    windows = [window for source in sources if (window := window_of(source)) is not None]
    if decode.long_clips == "refuse" and windows:
        utterances = [utterance for clips in corpus.utterances.values() for utterance in clips]
        require_within(min(windows), utterances, WAY_OUT)
