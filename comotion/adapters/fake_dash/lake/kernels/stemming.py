"""The English stemmer of the Snowball project (Porter2), behind word_stem()."""

from __future__ import annotations

import re

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown

KERNELS = Kernels()
_VOWELS = "aeiouy"
_DOUBLES = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")
_LI = "cdeghkmnrt"
_SPECIAL = {
    "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl",
    "ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl",
}  # fmt: skip
_SAME = frozenset(["sky", "news", "howe", "atlas", "cosmos", "bias", "andes"])
_KEPT = frozenset(["inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"])
_STEP2 = (
    ("ization", "ize"), ("ational", "ate"), ("fulness", "ful"), ("ousness", "ous"), ("iveness", "ive"),
    ("tional", "tion"), ("biliti", "ble"), ("lessli", "less"), ("entli", "ent"), ("ation", "ate"), ("alism", "al"),
    ("aliti", "al"), ("ousli", "ous"), ("iviti", "ive"), ("fulli", "ful"), ("enci", "ence"), ("anci", "ance"),
    ("abli", "able"), ("izer", "ize"), ("ator", "ate"), ("alli", "al"), ("bli", "ble"), ("ogi", "og"), ("li", ""),
)  # fmt: skip
_STEP3 = (("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("icate", "ic"), ("iciti", "ic"), ("ative", ""),
          ("ical", "ic"), ("ness", ""), ("ful", ""))  # fmt: skip
_STEP4 = ("ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize",
          "ion", "al", "er", "ic")  # fmt: skip


@KERNELS()
def word_stem(word: str, language: str) -> str:
    if language != "en":
        known = [
            "ca",
            "da",
            "de",
            "en",
            "es",
            "eu",
            "fi",
            "fr",
            "hu",
            "hy",
            "ga",
            "it",
            "lt",
            "nl",
            "no",
            "pt",
            "ro",
            "ru",
            "sv",
            "tr",
        ]
        if language in known:
            raise KernelUnknown(f"word_stem for the language '{language}'")
        raise KernelRefusal(f"Unknown stemmer language: {language}")
    return _porter2(word)


def _regions(word: str) -> tuple[int, int]:
    prefix = re.match(r"gener|commun|arsen", word)
    if prefix:
        first = prefix.end()
    else:
        found = re.search(f"[{_VOWELS}][^{_VOWELS}]", word)
        first = found.end() if found else len(word)
    found = re.compile(f"[{_VOWELS}][^{_VOWELS}]").search(word, first)
    return first, found.end() if found else len(word)


def _short_syllable(word: str) -> bool:
    return bool(
        re.search(f"[^{_VOWELS}][{_VOWELS}][^{_VOWELS}wxY]$", word) or re.fullmatch(f"[{_VOWELS}][^{_VOWELS}]", word)
    )


def _porter2(word: str) -> str:
    if len(word) <= 2:
        return word
    if word in _SPECIAL:
        return _SPECIAL[word]
    if word in _SAME:
        return word
    word = word.removeprefix("'")
    word = re.sub(r"^y", "Y", word)
    word = re.sub(f"([{_VOWELS}])y", r"\1Y", word)
    first, second = _regions(word)
    for suffix in ("'s'", "'s", "'"):
        if word.endswith(suffix):
            word = word[: -len(suffix)]
            break
    word = _step1a(word)
    if word in _KEPT:
        return word
    word = _step1b(word, first)
    if len(word) > 2 and word[-1] in "yY" and word[-2] not in _VOWELS:
        word = word[:-1] + "i"
    word = _replaced(word, first, second, _STEP2)
    word = _replaced(word, first, second, _STEP3)
    word = _step4(word, second)
    return _step5(word, first, second).lower()


def _step1a(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith(("us", "ss")):
        return word
    if word.endswith("s") and re.search(f"[{_VOWELS}]", word[:-2]):
        return word[:-1]
    return word


def _step1b(word: str, first: int) -> str:
    for suffix in ("eedly", "eed"):
        if word.endswith(suffix):
            return word[: -len(suffix)] + "ee" if len(word) - len(suffix) >= first else word
    for suffix in ("ingly", "edly", "ing", "ed"):
        if word.endswith(suffix):
            stem = word[: -len(suffix)]
            if not re.search(f"[{_VOWELS}]", stem):
                return word
            if stem.endswith(("at", "bl", "iz")):
                return stem + "e"
            if stem.endswith(_DOUBLES):
                return stem[:-1]
            return stem + "e" if len(stem) <= first and _short_syllable(stem) else stem
    return word


def _replaced(word: str, first: int, second: int, rules: tuple[tuple[str, str], ...]) -> str:
    for suffix, new in rules:
        if not word.endswith(suffix):
            continue
        start = len(word) - len(suffix)
        if start < first or (suffix == "ative" and start < second):
            return word
        if suffix == "ogi" and word[start - 1] != "l":
            return word
        if suffix == "li" and word[start - 1] not in _LI:
            return word
        return word[:start] + new
    return word


def _step4(word: str, second: int) -> str:
    for suffix in _STEP4:
        if word.endswith(suffix):
            start = len(word) - len(suffix)
            if start < second or (suffix == "ion" and word[start - 1] not in "st"):
                return word
            return word[:start]
    return word


def _step5(word: str, first: int, second: int) -> str:
    start = len(word) - 1
    if word.endswith("e") and (start >= second or (start >= first and not _short_syllable(word[:-1]))):
        return word[:-1]
    if word.endswith("l") and start >= second and word[-2:-1] == "l":
        return word[:-1]
    return word
