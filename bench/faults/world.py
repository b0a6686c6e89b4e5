"""A small world to do harm in: two micro models, clips in four formats, an archive, decodes of others, records."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from bench.faults.children import PATIENCE, Ended, call, run

MODELS = {"control": "demo:48-control-seed0", "svd": "demo:48-svd-93.75-seed0"}
LANGUAGES = ("en", "de")
CLIPS = 4
"""Of each language, one in each format."""
FORMATS = (("wav", None), ("flac", None), ("ogg", "VORBIS"), ("mp3", None))
RATE = 16_000
RELEASE = "cv-corpus-17.0-2024-03-15"
COLUMNS = (
    "client_id path sentence_id sentence sentence_domain up_votes down_votes age gender accents variant locale segment"
)
SUITE = """name = "s"
label = "measured"
languages = [{languages}]
arms = [
  {{ name = "control", model = "./m/control" }},
  {{ name = "svd", model = "./m/svd", control = "control" }},
]
{more}
[corpus]
kind = "{kind}"
path = "{path}"
[decode]
max_new_tokens = 8
batch = 4
[statistics]
resamples = 100
[memory]
batch = [1]
tokens = [12]
"""
CONDITIONS = """conditions = [
  { name = "clean" },
  { name = "phone", kind = "telephony" },
  { name = "noise", kind = "noise", noise = "white", snr_db = [10] },
]"""
RECOVERY = """
[recovery]
path = "train.tsv"
steps = 24
batch = 2
learning_rate = 0.001
checkpoint_steps = 4
"""


def build(folder: Path) -> None:
    """Everything but records, in a child: this process must stay without threads to fork from."""
    ended = call(lambda: _build(folder), folder, PATIENCE)
    if ended.code:
        raise RuntimeError(f"the world could not be built: {ended.err}")


def record(folder: Path) -> list[Ended]:
    """Records and reports of its suite: a run, its table, page and card, and bytes of memory that were made up."""
    verbs: list[Sequence[object]] = [["run", "s.toml", *RECORDS], ["report", "s.toml", "--without-audio", *BOTH]]
    verbs += [["card", "s.toml", *BOTH]]
    ended = [run(words, folder, PATIENCE) for words in verbs[:1]]
    ended.append(call(lambda: _make_up_memory(folder), folder, PATIENCE))
    ended += [run(["table", "s.toml", *BOTH], folder, PATIENCE)]
    ended += [run(words, folder, PATIENCE) for words in verbs[1:]]
    for each in ended:
        if each.code:
            raise RuntimeError(f"the world has no records: {each.err}")
    return ended


RECORDS = ("--results", "r")
BOTH = (*RECORDS, "--reports", "p")


def suite_text(
    languages: Sequence[str] = LANGUAGES, kind: str = "manifest", path: str = "clips.tsv", more: str = ""
) -> str:
    named = ", ".join(map(json.dumps, languages))
    return SUITE.format(languages=named, kind=kind, path=path, more=more)


def _build(folder: Path) -> None:
    from bench.arms import find_arm
    from bench.suite import ArmSpec

    for name, model in MODELS.items():
        shutil.copytree(find_arm(ArmSpec(name="arm", model=model)).folder, folder / "m" / name)
    rows = _write_clips(folder)
    _write_lists(folder, rows)
    _write_archive(folder, rows)
    _write_decodes(folder, rows)
    texts = {"s": suite_text(), "j": suite_text(path="clips.jsonl"), "cv": suite_text(("en",), "common-voice", ".")}
    texts["k"] = suite_text(more=CONDITIONS)
    starts = suite_text().replace('"./m/control"', '"./out/control", start = "base"')
    starts = starts.replace('"./m/svd", control = "control"', '"./out/svd", start = "zero", control = "control"')
    others = '  { name = "base", model = "./m/control" },\n  { name = "zero", model = "./m/svd" },\n]'
    texts["t"] = starts.replace("]\n\n[corpus]", f"{others}\n\n[corpus]") + RECOVERY
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def _write_clips(folder: Path) -> list[dict[str, str]]:
    """Of the demo's speech; as many again to train on."""
    import soundfile

    from bench.audio import read_audio
    from bench.corpora.demo import read_demo

    (folder / "clips").mkdir()
    rows = []
    spoken = read_demo()
    for language in LANGUAGES:
        chosen = list(islice((each for each in spoken if each.language == language), 2 * CLIPS))
        for number, utterance in enumerate(chosen):
            ending, subtype = FORMATS[number % len(FORMATS)]
            name = f"clips/{language}{number}.{ending}"
            audio = read_audio(utterance.audio_bytes())
            soundfile.write(folder / name, audio, RATE, format=ending.upper(), subtype=subtype)
            rows.append({"path": name, "text": utterance.reference, "speaker": f"p{number % 3}", "lang": language})
    return rows


def _write_lists(folder: Path, rows: list[dict[str, str]]) -> None:
    tested = [row for row in rows if int(row["path"].split(".")[0][8:]) < CLIPS]
    trained = [row for row in rows if row not in tested]
    for name, chosen in (("clips", tested), ("train", trained)):
        lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in chosen)]
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in tested), encoding="utf-8")


def _write_archive(folder: Path, rows: list[dict[str, str]]) -> None:
    locale = folder / RELEASE / "en"
    (locale / "clips").mkdir(parents=True)
    columns, table = COLUMNS.split(), [COLUMNS.replace(" ", "\t")]
    for number, row in enumerate(row for row in rows if row["lang"] == "en" and row["path"].endswith("mp3")):
        name = f"common_voice_en_{number}.mp3"
        shutil.copyfile(folder / row["path"], locale / "clips" / name)
        cells = {"client_id": row["speaker"] * 30, "path": name, "sentence": row["text"], "locale": "en"}
        table.append("\t".join(cells.get(column, "") for column in columns))
    (locale / "test.tsv").write_text("\n".join(table) + "\n", encoding="utf-8")
    with tarfile.open(folder / f"{RELEASE}-en.tar.gz", "w:gz") as archive:
        archive.add(locale, arcname=f"{RELEASE}/en")
    shutil.rmtree(folder / RELEASE)


def _write_decodes(folder: Path, rows: list[dict[str, str]]) -> None:
    """Two systems of others over the clips, the second without each text's last word."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = {f"p{number % 5}-{number}": row["text"] for number, row in enumerate(rows)}
    systems = {"a": texts, "b": {name: text.rpartition(" ")[0] for name, text in texts.items()}}
    said = "".join(f"{text} ({name})\n" for name, text in texts.items())
    (folder / "ref.trn").write_text(said, encoding="utf-8")
    for system, hypotheses in systems.items():
        lines = "".join(f"{text} ({name})\n" for name, text in hypotheses.items())
        (folder / f"{system}.trn").write_text(lines, encoding="utf-8")
        of_rows = [{"id": name, "ref": texts[name], "pred_text": text} for name, text in hypotheses.items()]
        (folder / f"{system}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in of_rows), encoding="utf-8")
        pq.write_table(pa.Table.from_pylist(of_rows), folder / f"{system}.parquet")


def _make_up_memory(folder: Path) -> None:
    from bench.memory_records import Environment, Load, MeasuredBytes, MemoryRecord, PhaseBytes, Phases, write_records

    def held(share: float) -> MeasuredBytes:
        own, cross = round(15360 * share), 115200
        phase = PhaseBytes(own, cross, None)
        phases = Phases(phase, phase, phase)
        return MeasuredBytes(779136, own, cross, 28800, own, cross, phases, None, None, None, None)

    environment = Environment("no GPU", None, "sdpa", "2", "5")
    records = [
        MemoryRecord(arm, control, "float32", Load(1, 1, 12), None, "ok", held(share), environment)
        for arm, control, share in (("control", None, 1.0), ("svd", "control", 0.25))
    ]
    write_records(folder / "r" / "s" / "memory.parquet", records)
