"""From a located locale to sampled utterances and the count of rows that could not be used."""

from collections.abc import Sequence
from pathlib import Path

from bench.corpora.common_voice.archive import DURATIONS, extract
from bench.corpora.common_voice.release import Located, locate
from bench.corpora.common_voice.rows import LARGEST_TABLE, Split, parse_durations, parse_split
from bench.corpora.sampling import Draw, no_speaker
from bench.corpora.utterance import Corpus, Utterance
from bench.corpus_identity import CommonVoiceCorpus
from bench.errors import BenchError
from bench.io.files import read_bounded


def read_common_voice(
    root: Path, languages: Sequence[str], split: str, release: str | None, count: int | None, draw: Draw, pool: int = 0
) -> Corpus:
    """Each language's sampled utterances, the same from a folder, an archive or a shuffled table.

    Raises BenchError naming what is missing, and where two languages are of two releases.
    """
    located = [locate(root, language, split, release) for language in languages]
    releases = sorted({each.release for each in located})
    if len(releases) > 1:
        raise BenchError(f"{root}: languages of releases {', '.join(releases)}; state one as corpus.release")
    utterances, pools, rejected = {}, {}, {}
    needed = None if count is None else max(count, pool)
    for each in located:
        sampled, rejected[each.language] = _read_locale(each, split, needed, draw)
        utterances[each.language], pools[each.language] = sampled[:count], sampled[:pool]
    identity = CommonVoiceCorpus(
        release=releases[0],
        split=split,
        locales={each.language: each.locale for each in located},
        others=tuple(each.language for each in located if not each.is_default),
    )
    return Corpus(identity, utterances, rejected, pools)


def _read_locale(
    located: Located, split: str, count: int | None, draw: Draw
) -> tuple[tuple[Utterance, ...], dict[str, int]]:
    name = f"{located.path}/{split}.tsv"

    def choose(content: bytes) -> list[str]:
        rows = parse_split(name, located.locale, content)
        return [utterance.id for utterance in draw.sample(_utterances(located, Path(), rows, {}), count)]

    folder = extract(located.path, located.locale, split, choose) if located.is_archive else located.path
    durations = folder / DURATIONS
    try:
        rows = parse_split(name, located.locale, read_bounded(folder / f"{split}.tsv", LARGEST_TABLE))
        seconds = parse_durations(read_bounded(durations, LARGEST_TABLE)) if durations.is_file() else {}
    except OSError as error:
        raise BenchError(f"{folder}: {error.filename}: {error.strerror}; mend the folder") from None
    sampled = draw.sample(_utterances(located, folder / "clips", rows, seconds), count)
    if not sampled:
        if rows.clips:
            raise BenchError(f"{name}: {no_speaker(draw)}")
        raise BenchError(f"{name}: no row can be used (rejected: {dict(rows.rejected)}); fetch it anew")
    missing = [utterance.id for utterance in sampled if not (folder / "clips" / utterance.id).is_file()]
    if missing:
        raise BenchError(
            f"{folder}/clips: lacks {len(missing)} of the sampled clips ({missing[0]}, …); extract it anew"
        )
    return sampled, dict(rows.rejected)


def _utterances(located: Located, clips: Path, rows: Split, seconds: dict[str, float]) -> list[Utterance]:
    return [
        Utterance(
            id=clip.path,
            language=located.language,
            reference=clip.sentence,
            speaker=clip.client_id,
            audio=clips / clip.path,
            gender=clip.gender,
            age=clip.age,
            accent=clip.accent,
            sentence_id=clip.sentence_id,
            seconds=seconds.get(clip.path),
        )
        for clip in rows.clips
    ]
