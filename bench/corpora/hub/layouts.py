"""How corpora of the hub name what they hold: the known ones here, any other as its suite says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bench.errors import BenchError
from bench.languages import match
from bench.suite import CorpusSpec

CONVERTED = "refs/convert/parquet"
"""The branch in which the hub keeps repositories that are made by a script as Parquet."""
ID = "id"


@dataclass(frozen=True)
class Layout:
    """Columns by what they hold; those named None are not there.

    `cluster`: where no speaker is named, what clips that are alike share instead. `genders`: names of what is stored as
    numbers. `configs`: the repository's name of each language; `revision`: where its files are, unless a suite says.
    """

    text: str
    audio: str = "audio"
    id: str | None = ID
    speaker: str | None = None
    cluster: str | None = None
    gender: str | None = None
    genders: tuple[str, ...] = ()
    configs: Mapping[str, str] = field(default_factory=dict)
    revision: str | None = None

    @property
    def columns(self) -> list[str]:
        """All but the audio."""
        named = (self.text, self.id, self.speaker, self.cluster, self.gender)
        return list(dict.fromkeys(name for name in named if name is not None))


FLEURS = {
    **{"af": "af_za", "am": "am_et", "as": "as_in", "az": "az_az", "be": "be_by", "bg": "bg_bg", "bn": "bn_in"},
    **{"bs": "bs_ba", "gl": "gl_es", "gu": "gu_in", "ha": "ha_ng", "hr": "hr_hr", "hy": "hy_am", "is": "is_is"},
    **{"jw": "jv_id", "kk": "kk_kz", "km": "km_kh", "kn": "kn_in", "lb": "lb_lu", "ln": "ln_cd", "lo": "lo_la"},
    **{"mi": "mi_nz", "mk": "mk_mk", "ml": "ml_in", "mn": "mn_mn", "mr": "mr_in", "ms": "ms_my", "mt": "mt_mt"},
    **{"my": "my_mm", "ne": "ne_np", "oc": "oc_fr", "pa": "pa_in", "ps": "ps_af", "sd": "sd_in", "sn": "sn_zw"},
    **{"so": "so_so", "sr": "sr_rs", "te": "te_in", "tg": "tg_tj", "tl": "fil_ph", "uz": "uz_uz", "yo": "yo_ng"},
    **{"yue": "yue_hant_hk"},
    **{"ar": "ar_eg", "ca": "ca_es", "cs": "cs_cz", "cy": "cy_gb", "da": "da_dk", "de": "de_de", "el": "el_gr"},
    **{"en": "en_us", "es": "es_419", "et": "et_ee", "fa": "fa_ir", "fi": "fi_fi", "fr": "fr_fr", "he": "he_il"},
    **{"hi": "hi_in", "hu": "hu_hu", "id": "id_id", "it": "it_it", "ja": "ja_jp", "ka": "ka_ge", "ko": "ko_kr"},
    **{"lt": "lt_lt", "lv": "lv_lv", "nl": "nl_nl", "no": "nb_no", "pl": "pl_pl", "pt": "pt_br", "ro": "ro_ro"},
    **{"ru": "ru_ru", "sk": "sk_sk", "sl": "sl_si", "sv": "sv_se", "sw": "sw_ke", "ta": "ta_in", "th": "th_th"},
    **{"tr": "tr_tr", "uk": "uk_ua", "ur": "ur_pk", "vi": "vi_vn", "zh": "cmn_hans_cn"},
}
VOXPOPULI = ("en", "de", "fr", "es", "pl", "it", "ro", "hu", "cs", "nl", "fi", "hr", "sk", "sl", "et", "lt")
MLS = {
    **{"de": "german", "nl": "dutch", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese"},
    "pl": "polish",
}

KNOWN = {
    "google/fleurs": Layout(
        "raw_transcription",
        id="path",
        cluster=ID,
        gender="gender",
        genders=("male", "female", "other"),
        configs=FLEURS,
        revision=CONVERTED,
    ),
    "openslr/librispeech_asr": Layout("text", speaker="speaker_id", configs={"en": "clean"}),
    "facebook/voxpopuli": Layout(
        "normalized_text",
        id="audio_id",
        speaker="speaker_id",
        gender="gender",
        configs={language: language for language in VOXPOPULI},
        revision=CONVERTED,
    ),
    "facebook/multilingual_librispeech": Layout("transcript", speaker="speaker_id", configs=MLS),
}


def layout_of(spec: CorpusSpec) -> Layout:
    """The known one of a repository, with what the suite says instead. Raises BenchError where neither says enough."""
    said = {} if spec.columns is None else spec.columns.model_dump(exclude_none=True)
    known = KNOWN.get(spec.repo or "")
    if known is None and "text" not in said:
        raise BenchError(
            f"corpus.repo = {spec.repo}: not one whose columns are known ({', '.join(KNOWN)}); name them in "
            "corpus.columns: text, and id, speaker, gender where there are any"
        )
    layout = replace(known, **said) if known is not None else Layout(**{"id": None} | said)
    return replace(layout, cluster=None) if "speaker" in said else layout


def config_of(spec: CorpusSpec, layout: Layout, language: str) -> str | None:
    """What the repository calls a language: as the suite says, `{language}` standing for its tag, else as is known.

    None for a repository that is one corpus of one language.
    """
    if isinstance(spec.config, str):
        return spec.config.replace("{language}", language)
    configs = layout.configs if spec.config is None else spec.config
    if not configs:
        return None
    if language in configs.values():  # a suite may speak of languages as the repository does
        return language
    name = match(language, configs)
    if name is None:
        raise BenchError(f"language {language!r}: {spec.repo} is not known to have it; say its name in corpus.config")
    return configs[name]
