"""Languages that a calibration never heard: recorded, carried from the model to its reports, and warned of there."""

import html
import json
import shutil
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bench.calibrated_languages import CalibratedLanguages
from bench.store import Store
from tests.conftest import Command, write_clips, write_suite

TAGS = st.sampled_from(["en", "de", "ar", "th", "zh-TW", "yue", "English", "kab"])
NEVER_HEARD = "calibration of converted never heard de; what is lost there may be the calibration's doing"


@given(heard=st.lists(TAGS), read=st.lists(TAGS), tested=st.lists(TAGS, unique=True))
def test_a_language_is_named_exactly_where_it_was_not_heard(
    heard: list[str], read: list[str], tested: list[str]
) -> None:
    calibration = CalibratedLanguages.of(heard, read)
    assert not set(calibration.heard) & set(calibration.read)
    assert calibration == CalibratedLanguages.of(reversed(heard), read * 2)
    told = calibration.caution("mla", tested)
    spoken = {"English": "en"}
    unheard = [tag for tag in tested if spoken.get(tag, tag) not in {spoken.get(each, each) for each in heard}]
    assert bool(told) == bool(unheard)
    assert all(tag in told for tag in unheard)


def test_what_was_only_read_is_told_apart() -> None:
    calibration = CalibratedLanguages.of(["en", "de-DE"], ["de", "ru"])
    assert calibration.model_dump() == {"heard": ("de", "en"), "read": ("ru",)}
    assert calibration.caution("mla", ["en", "th", "ru", "ar"]) == (
        "calibration of mla never heard th, ar and only read ru; what is lost there may be the calibration's doing"
    )
    assert calibration.caution("mla", ["de", "en-US"]) == ""


def test_reports_warn_of_languages_that_calibration_never_heard(
    bench: Command, tmp_path: Path, model_folders: dict[str, Path]
) -> None:
    english = write_clips(tmp_path / "english", languages=("en",), clips=8)
    converted = tmp_path / "mla"
    made = bench("convert", model_folders["control"], converted, "--cache-cut", 0.75, "--calibration", english)
    assert made.returncode == 0, made.stderr
    models = model_folders | {"converted": converted}
    suite = write_suite(tmp_path / "s.toml", models, write_clips(tmp_path / "clips"))
    assert f"note  languages {NEVER_HEARD}" in bench("doctor", suite).stdout
    assert f"caution: {NEVER_HEARD}" in bench("run", suite).stderr
    shutil.rmtree(converted)  # from here on, what was recorded
    assert f"- caution: {NEVER_HEARD}" in bench("table", suite).stdout
    assert bench("card", suite).returncode == 0
    assert f"- {NEVER_HEARD}." in (tmp_path / "reports" / "mine" / "card.md").read_text(encoding="utf-8")
    assert bench("report", suite).returncode == 0
    page = (tmp_path / "reports" / "mine" / "index.html").read_text(encoding="utf-8")
    assert f"C{NEVER_HEARD[1:]}." in html.unescape(page)
    assert bench("verify", suite).returncode == 0


def test_what_nobody_recorded_is_not_warned_of(bench: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """A model that was converted before it was recorded, and records of decodes from before."""
    english = write_clips(tmp_path / "english", languages=("en",), clips=8)
    bench("convert", model_folders["control"], "mla", "--cache-cut", 0.75, "--calibration", english)
    record = tmp_path / "mla" / "conversion.json"
    about = json.loads(record.read_text(encoding="utf-8"))
    del about["calibration"]
    record.write_text(json.dumps(about), encoding="utf-8")
    models = model_folders | {"converted": tmp_path / "mla"}
    suite = write_suite(tmp_path / "s.toml", models, write_clips(tmp_path / "clips"))
    assert "never heard" not in bench("doctor", suite).stdout
    assert "never heard" not in bench("run", suite).stderr
    assert "calibration" not in Store(tmp_path / "results" / "mine").manifest_path.read_text(encoding="utf-8")
    record.write_text(json.dumps(about | {"calibration": "en"}), encoding="utf-8")
    assert (
        "conversion.json is no record of languages (heard, read); convert the model anew"
        in bench("doctor", suite).stdout
    )
