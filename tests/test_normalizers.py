"""Normalisers: what the multilingual one must keep in each of the card's languages, and where Whisper's differs."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scoring import count_written_words, lacks_word_spaces, make_normalizer, normalizer_version
from bench.scoring.probes import PROBES
from bench.suite.sections import NormalizerName


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Don’t — stop… it’s 5 o'clock!", "don't stop it's 5 o'clock"),
        ("de", "„Grüß Gott“, sagte Ännchen.", "grüß gott sagte ännchen"),
        ("es", "¿Qué? ¡El niño!", "qué el niño"),
        ("fr", "L’été, l'élève ‘rit’", "l'été l'élève rit"),
        ("ru", "Ёлка, «йод»", "ёлка йод"),
        ("tr", "İstanbul'da IŞIK", "istanbul'da ışık"),
        ("cy", "Mae'r ŵyn", "mae'r ŵyn"),
        ("ar", "مُحَمَّدٌ ـــ كِتاب؟", "محمد كتاب"),
        ("th", "ผู้หญิง\u200bที่นี่", "ผู้หญิงที่นี่"),
        ("zh", "你好，世界！", "你好 世界"),
        ("ka", "მე ვხედავ კატას.", "მე ვხედავ კატას"),
        ("hi", "हिन्दी", "हिन्दी"),
        ("en", "love ❤️ it", "love it"),
    ],
)
def test_multilingual(language: str, text: str, expected: str) -> None:
    normalize = make_normalizer("multilingual")
    assert normalize(text, language) == expected
    assert normalize(expected, language) == expected


GOLDEN = {
    "en": (
        "don't stop it's 5 o'clock mr o'neil's e mail cost 1 000 50 fine",
        "don t stop it s 5 o clock mr o neil s e mail cost 1 000 50",
    ),
    "de": ("grüß gott sagte ännchen die strasse heißt nicht straße",) * 2,
    "es": ("qué el niño comió 3 5 piñas en á\u0301vila", "qué el niño comió 3 5 piñas en á vila"),
    "fr": (
        "l'été l'élève rit c'est à dire aujourd'hui œuvre naïve",
        "l été l élève rit c est à dire aujourd hui œuvre naïve",
    ),
    "ru": ("ёлка йод и подъезд ещё одна ёлка",) * 2,
    "tr": (
        "istanbul'da ışık ığdır'ın ılık ili istanbul'da",
        "i stanbul da işik iğdır ın ılık i li istanbul da",
    ),
    "cy": (
        "mae'r ŵyn a'r tŷ yng nghaerdydd dw i'n mynd i'r llŷn",
        "mae r ŵyn a r tŷ yng nghaerdydd dw i n mynd i r llŷn",
    ),
    "ar": ("محمد كتاب قال السلام عليكم 123 و123", "م ح م د ـــ ك تاب قال الس لام عليكم ١٢٣ و123"),
    "th": ("ผู้หญิงที่นี่ กินข้าวแล้วๆ ฯลฯ 123", "ผ หญ ง\u200bท น ก นข าวแล วๆ ฯลฯ ๑๒๓"),
    "zh": ("你好 世界 這是 繁體 中文 2024年 書", "你好 世界 這是 繁體 中文 2024年 書"),
    "ka": ("მე ვხედავ კატას გამარჯობა თბილისი",) * 2,
}
"""What the probe of each of the card's languages becomes: by the multilingual normaliser, by Whisper's basic one."""


@pytest.mark.parametrize("language", list(GOLDEN))
def test_golden_probes(language: str) -> None:
    text = dict(reversed(PROBES))[language]
    made = tuple(make_normalizer(name)(text, language) for name in ("multilingual", "whisper-basic"))
    assert made == GOLDEN[language]


def test_versions_carry_a_hash_of_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    names = get_args(NormalizerName)
    versions = {name: normalizer_version(name) for name in names}
    assert len({version.rsplit("-", 1)[1] for version in versions.values()}) == len(names)
    monkeypatch.setattr("bench.scoring.normalizers.INVISIBLE", re.compile("x"))
    assert normalizer_version("multilingual") != versions["multilingual"]
    assert normalizer_version("none") == versions["none"]


def test_traditional_characters_are_simplified_where_asked() -> None:
    assert make_normalizer("multilingual")("這是“繁體”。", "zh") == "這是 繁體"
    assert make_normalizer("multilingual-simplified")("這是“繁體”。", "zh") == "这是 繁体"
    assert make_normalizer("multilingual-simplified")("這是", "ja") == "這是"


@pytest.mark.parametrize(
    ("text", "words"), [("Don’t — stop…", 2), ("ผู้หญิง", 1), ("你好，世界！", 2), ("हिन्दी", 1), ("", 0), ("100 %", 1)]
)
def test_words_as_they_were_written(text: str, words: int) -> None:
    assert count_written_words(text) == words


def test_decomposed_and_composed_text_are_one() -> None:
    normalize = make_normalizer("multilingual")
    assert normalize("e\u0301te\u0301", "fr") == normalize("été", "fr")


def test_whispers_own_breaks_thai_words_apart() -> None:
    assert len(make_normalizer("whisper-basic")("ผู้หญิง", "th").split()) > 1
    assert len(make_normalizer("multilingual")("ผู้หญิง", "th").split()) == 1


def test_whisper_english_and_none() -> None:
    assert make_normalizer("whisper-english")("Mr. Smith won't", "en") == "mister smith will not"
    assert make_normalizer("none")("  A,  b ", "en") == "A, b"


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("ja", "ＡＢＣを２０２４年に", "ABCを2024年に"),
        ("ja", "ガギグ・パピプ", "ｶﾞｷﾞｸﾞ･ﾊﾟﾋﾟﾌﾟ"),
        ("ja", "ガーゼ", "カ゛ーセ゛"),
        ("th", "น้ำใจทำงาน", "นํ้าใจทํางาน"),
        ("th", "แล้ว ๑๒๓", "เเล้ว 123"),
        ("lo", "ນ້ຳ ແລະ", "ນໍ້າ ເເລະ"),
        ("ar", "لا بأس السلام", "ﻻ بأس السﻼم"),
        ("ar", "محمد ١٢٣", "مُحَمَّدٌ 123"),
        ("ur", "اردو زبان یہ کتاب", "اُردُو زبان یِہ كتاب"),
        ("fa", "کتاب یک", "كِتاب يك"),
        ("ps", "پښتو", "پَښتو"),
        ("he", "שלום עולם בוקר", "שָׁלוֹם עוֹלָם בּוֹקֶר"),
        ("he", "ברא", "בָּרָ֣א"),
        ("yi", "װאָס מײנסטו", "וואָס מיינסטו"),
        ("ko", "가각", "\u1100\u1161\u1100\u1161\u11a8"),
        ("en", "fine office", "ﬁne oﬃce"),
        ("en", "bold 12", "𝐛𝐨𝐥𝐝 𝟏𝟐"),
        ("en", "a b", "a\u00a0b"),
        ("nl", "ijsvrij", "ĳsvrĳ"),
        ("ro", "știință", "ştiinţă"),
        ("hi", "2024 में", "२०२४ में"),
        ("zh", "山", "⼭"),
    ],
)
def test_one_text_in_two_encodings_is_one(language: str, one: str, other: str) -> None:
    normalize = make_normalizer("multilingual")
    assert normalize(one, language) == normalize(other, language) != ""


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "iPhone™ 10℃ №5 m² ½", "iphone 10 5 m² ½"),
        ("es", "1º 2ª", "1º 2ª"),
        ("th", "ทำ", "ทำ"),
        ("yi", "אָבער פֿאַר", "אָבער פֿאַר"),
        ("ks", "كَتھ", "كَتھ"),
        ("ar", "كتاب يك", "كتاب يك"),
        ("tr", "şu", "şu"),
    ],
)
def test_what_is_no_encoding_stays(language: str, text: str, expected: str) -> None:
    normalize = make_normalizer("multilingual")
    assert normalize(text, language) == expected == normalize(expected, language)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        *[("uk", f"п{mark}ять", "п'ять") for mark in "'’ʼ‘`´＇′"],
        *[("haw", f"Hawai{mark}i", "hawai'i") for mark in "ʻ’‘'"],
        *[("uz", f"O{mark}zbek", "o'zbek") for mark in "ʻ‘ʼ'"],
        *[("he", f"ג{mark}ירפה", "ג'ירפה") for mark in "׳'’"],
        *[("he", f"צה{mark}ל", "צה'ל") for mark in '״"”'],
        *[("hy", f"դ{mark}Արտանյան", "դ'արտանյան") for mark in "՚’'"],
        ("hy", "Ինչպե՞ս ես, Արա՛մ։", "ինչպես ես արամ"),
        ("el", "ἀλλ᾽ἐγώ", "ἀλλ'ἐγώ"),
        ("mus", "saꞌi ꞌi", "sa'i i"),
        ("ar", "Qurʾān ʿArabī", "qur'ān arabī"),
        ("br", "c’hoar", "c'hoar"),
        ("en", '"he said"so', "he said so"),
    ],
)
def test_apostrophes_of_all_scripts_stay_inside_words(language: str, text: str, expected: str) -> None:
    normalize = make_normalizer("multilingual")
    assert normalize(text, language) == expected == normalize(expected, language)
    assert count_written_words(text) == len(expected.split())


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(TEXTS, st.sampled_from(["en", "th", "he", "yi", "ur", "tr", "ro", "zh-TW", "kab"]))
def test_normalising_twice_changes_nothing(text: str, language: str) -> None:
    normalize = make_normalizer("multilingual")
    once = normalize(text, language)
    assert normalize(once, language) == once


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        *[
            (text, True)
            for text in ("水を飲む", "今日は雨です、水を飲む。", "スーパー", "佢話唔知", "ワ", "ABCを飲みました")
        ],
        *[(text, True) for text in ("ฉันกินข้าวแล้ว", "ฉันกินข้าวแล้วครับ เขาไปไหนก็ไม่รู้", "ສະບາຍດີ", "မင်္ဂလာပါ", "សួស្តី")],
        *[(text, True) for text in ("བཀྲ་ཤིས་བདེ་ལེགས།",)],
        *[
            (text, False)
            for text in ("今天 天气 好", "ฉัน กิน ข้าว แล้ว", "one two", "안녕하세요 여러분", "word", "", "12 ，")
        ],
        *[(text, False) for text in ("the word 水 in English",)],
    ],
)
def test_texts_without_word_spaces(text: str, lacks: bool) -> None:
    assert lacks_word_spaces(text) is lacks
