"""Times of day in English, however they are said, as hours and minutes."""

import re

DIGITS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
TEENS = {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15}
TEENS |= {"sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19}
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
VALUES = {"zero": 0, **DIGITS, **TEENS, **TENS}
QUARTERS = {"half": 30, "quarter": 15}

COMPOSED = rf"(?:{'|'.join(TENS)})(?:[\s-]+(?:{'|'.join(DIGITS)}))?"
NUMBER = rf"(?:[0-9]{{1,2}}|{COMPOSED}|{'|'.join([*DIGITS, *TEENS, 'zero'])})"
O_CLOCK = r"o\s*['\u2019]?\s*clock"
START = r"(?<![\w.:])"
RELATIVE = re.compile(
    rf"{START}(?:(?:a\s+)?(?P<part>quarter)|(?P<half>half)|(?P<minutes>{NUMBER})\s+minutes?)"
    rf"\s+(?P<relation>past|after|to|before)\s+(?P<hour>{NUMBER})(?:\s+{O_CLOCK})?\b"
)
FULL = re.compile(rf"{START}(?P<hour>{NUMBER})\s+{O_CLOCK}\b")
WRITTEN = re.compile(r"(?<![\w:./])(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(?![\w:]|\.[0-9])")
HOURS, MINUTES = 24, 60


def unify_times(text: str) -> str:
    """`half past two`, `ten minutes to five o'clock` and `05:00` as 2:30, 4:50 and 5; what is no time stays."""
    return WRITTEN.sub(_shortest, FULL.sub(_full_hour, RELATIVE.sub(_relative, text)))


def _relative(found: re.Match[str]) -> str:
    said = found["part"] or found["half"]
    minute, hour = QUARTERS[said] if said else _value(found["minutes"]), _value(found["hour"])
    if hour >= HOURS or minute >= MINUTES:
        return found.group()
    if found["relation"] in {"to", "before"} and minute:
        minute = MINUTES - minute
        hour = (hour - 1 or 12) if 1 <= hour <= 12 else (hour - 1) % HOURS
    return f"{hour}:{minute:02}"


def _full_hour(found: re.Match[str]) -> str:
    hour = _value(found["hour"])
    return f"{hour}:00" if hour < HOURS else found.group()


def _shortest(found: re.Match[str]) -> str:
    hour, minute = int(found["hour"]), int(found["minute"])
    return f"{hour}:{minute:02}" if minute else str(hour)


def _value(number: str) -> int:
    return int(number) if number.isdecimal() else sum(VALUES[word] for word in re.split(r"[\s-]+", number))
