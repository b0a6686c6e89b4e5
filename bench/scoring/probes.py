"""Sentences that try every rule of every normaliser: a normaliser is pinned by what it makes of them."""

PROBES = (
    ("en", "Don’t — stop… it’s 5 o'clock, Mr. O’Neil’s “e-mail” cost £1,000.50 (ﬁne)!"),
    ("de", "„Grüß Gott“, sagte Ännchen; die STRASSE heißt nicht Straße."),
    ("es", "¿Qué? ¡El niño comió 3,5 piñas en Á\u0301vila!"),
    ("fr", "L’été, l'élève ‘rit’ : c’est-à-dire aujourd’hui, œuvre « naïve »."),
    ("ru", "Ёлка, «йод» и подъезд — ещё одна ЁЛКА…"),
    ("tr", "İstanbul'da IŞIK, Iğdır’ın ılık İLİ; istanbul'DA."),
    ("cy", "Mae'r ŵyn a'r tŷ yng Nghaerdydd, dw i’n mynd i’r llŷn."),
    ("ar", "مُحَمَّدٌ ـــ كِتاب؟ قالَ: «السّلام عليكم»، ١٢٣ و123."),
    ("th", "ผู้หญิง\u200bที่นี่ กินข้าวแล้วๆ ฯลฯ ๑๒๓"),
    ("zh", "你好，世界！這是“繁體”中文。２０２４年《書》"),
    ("ka", "მე ვხედავ კატას, „გამარჯობა“ — ᲗᲑᲘᲚᲘᲡᲘ."),
    ("hi", "हिन्दी में ‘क्या’ है? क़लम।"),
    ("ja", "東京タワー、スーパー・マーケット。ｶﾞｷﾞ"),
    ("en", "e\u0301te\u0301 \u202bbidi\u202c soft\u00adhyphen love ❤️ it `x´ \ufeffA\tB\nC 100 % it''s 'tis"),
)
"""Pairs of (language, text)."""

MERGING_PROBES = (
    ("Dr. Ann's white paper, um, is at half past ten!", "doctor anne's whitepaper is at 10:30"),
    ("Oh, the B.B.C. coloured 20 web sites at 12:00 p.m., all right?", "o the bbc colored twenty websites at 12 pm ok"),
    ("ice cream ice", "icecream"),
)
"""English references with hypotheses, for scorers that look at both."""
