"""Which of Whisper's languages a tag names, whoever made it: en, EN, en-US, en_us, eng, English, <|en|>.

Facts alone, and nothing is imported: suites, corpora and comparisons read tags here and nowhere else.
"""

import re
from collections.abc import Iterable

SPOKEN = """
af afr: afrikaans; am amh: amharic; ar ara arb: arabic, standard arabic, modern standard arabic; as asm: assamese;
az aze azj: azerbaijani; ba bak: bashkir; be bel: belarusian; bg bul: bulgarian; bn ben: bengali, bangla;
bo bod tib: tibetan; br bre: breton; bs bos: bosnian; ca cat: catalan, valencian; cs ces cze: czech;
cy cym wel: welsh; da dan: danish; de deu ger: german; el ell gre: greek, modern greek; en eng: english;
es spa: spanish, castilian; et est ekk: estonian; eu eus baq: basque; fa fas per pes: persian, farsi;
fi fin: finnish; fo fao: faroese; fr fra fre: french; gl glg: galician; gu guj: gujarati; ha hau: hausa;
haw: hawaiian; he heb iw: hebrew; hi hin: hindi; hr hrv: croatian; ht hat: haitian creole, haitian; hu hun: hungarian;
hy hye arm: armenian; id ind in: indonesian, bahasa indonesia; is isl ice: icelandic; it ita: italian;
ja jpn: japanese; jw jv jav: javanese; ka kat geo: georgian; kk kaz: kazakh; km khm: khmer; kn kan: kannada;
ko kor: korean; la lat: latin; lb ltz: luxembourgish, letzeburgesch; ln lin: lingala; lo lao: lao; lt lit: lithuanian;
lv lav lvs: latvian; mg mlg plt: malagasy; mi mri mao: maori; mk mkd mac: macedonian; ml mal: malayalam;
mn mon khk: mongolian; mr mar: marathi; ms msa may zsm: malay, bahasa melayu; mt mlt: maltese;
my mya bur: myanmar, burmese; ne nep npi: nepali; nl nld dut: dutch, flemish; nn nno: nynorsk, norwegian nynorsk;
no nor nb nob: norwegian, bokmål, norwegian bokmål, norwegian bokmal; oc oci: occitan; pa pan: punjabi, panjabi;
pl pol: polish; ps pus pbt pst: pashto, pushto; pt por: portuguese; ro ron rum mo mol: romanian, moldavian, moldovan;
ru rus: russian; sa san: sanskrit; sd snd: sindhi; si sin: sinhala, sinhalese; sk slk slo: slovak;
sl slv: slovenian, slovene; sn sna: shona; so som: somali; sq sqi alb als: albanian; sr srp: serbian;
su sun: sundanese; sv swe: swedish; sw swa swh: swahili; ta tam: tamil; te tel: telugu; tg tgk: tajik; th tha: thai;
tk tuk: turkmen; tl tgl fil: tagalog, filipino; tr tur: turkish; tt tat: tatar; uk ukr: ukrainian; ur urd: urdu;
uz uzb uzn: uzbek; vi vie: vietnamese; yi yid ji ydd: yiddish; yo yor: yoruba;
yue zh-yue zh-hk zh-hant-hk: cantonese, cantonese chinese, chinese (hong kong);
zh zho chi cmn zh-cmn: chinese, mandarin, mandarin chinese, standard chinese
"""
"""Whisper's hundred languages: its code, then other codes of ISO 639-1 (withdrawn ones too), 639-2 and 639-3, with
that member of a macrolanguage which people mean by it, then names. zh-HK is Cantonese, as Common Voice has it.
"""

FURTHER = r"(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z\d]{5,8}|\d[a-z\d]{3}))*(-x(-[a-z\d]+)+)?"
"""What BCP 47 lets follow a language, in lower case: script, region, variants, private use."""
TAG = re.compile(rf"[a-z]{{2,3}}(-[a-z]{{3}})?{FURTHER}")

WAY_OUT = "write a language's code, as en, yue or zh-TW"


def _read(spoken: str) -> dict[str, str]:
    """From every tag and name to Whisper's code."""
    codes: dict[str, str] = {}
    for entry in spoken.split(";"):
        tags, names = entry.split(":")
        code, *others = tags.split()
        codes |= dict.fromkeys([code, *others, *(name.strip() for name in names.split(","))], code)
    return codes


CODES = _read(SPOKEN)
NAMES = {entry.split()[0]: entry.split(":")[1].split(",")[0].strip() for entry in SPOKEN.split(";")}
"""The first that is given of each code."""


def whisper_code(tag: str) -> str | None:
    """Whisper's code of the language that a tag names, whatever script, region or encoding it adds; else None."""
    name = tag.strip().lower().removeprefix("<|").removesuffix("|>").strip()
    if name in CODES:
        return CODES[name]
    parts = re.sub(r"[.@].*| *\(.*\)", "", name).replace("_", "-").split("-")  # en_US.UTF-8, english (us)
    for length in (3, 2, 1):  # of zh-hant-hk, zh-yue, zh
        head, rest = "-".join(parts[:length]), parts[length:]
        if head in CODES:
            return CODES[head] if re.fullmatch(FURTHER, "".join(f"-{part}" for part in rest)) else None
    return None


def code_of(tag: str) -> str:
    """Whisper's code of a language; the tag itself for a language that Whisper does not have."""
    return whisper_code(tag) or tag


def name_of(tag: str) -> str:
    """What people call a language, in English: Welsh, Chinese (zh-TW); the tag itself for one Whisper does not have."""
    code = whisper_code(tag)
    if code is None:
        return tag
    name = NAMES[code].title()
    return name if tag == code else f"{name} ({tag})"


def is_tag(tag: str) -> bool:
    """Whether it can be a language's code at all, be it of one that Whisper does not have, as kab is."""
    return whisper_code(tag) is not None or TAG.fullmatch(tag.strip().lower().replace("_", "-")) is not None


def matches(tag: str, asked: Iterable[str]) -> list[str]:
    """Those of the languages asked for that a tag names, as they were asked for: the very same word, else all."""
    names = {name.lower(): name for name in asked}
    if exact := names.get(tag.strip().lower()):
        return [exact]
    code = whisper_code(tag)
    return [name for name in names.values() if code is not None and whisper_code(name) == code]


def match(tag: str, asked: Iterable[str]) -> str | None:
    """The first of them; None where there is none."""
    return next(iter(matches(tag, asked)), None)
