"""Units of time that the title of an axis names, in words or abbreviations."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

_WORDS = {
    "days": "days dias jours tage tagen giorni dagen",
    "weeks": "weeks wks wk semanas semaines wochen settimane weken",
    "months": "months mos mo mois meses monate monaten mesi maanden",
    "years": "years yrs yr ans annees anos jahre jahren anni jaren",
}
_SINGULAR = {
    "days": "day dia jour tag giorno dag",
    "weeks": "week semana semaine woche settimana",
    "months": "month mes monat mese maand",
    "years": "year annee ano jahr anno jaar",
}
_ABBREVIATED = {"days": "d", "weeks": "w", "years": "y"}  # "m" is no less of minutes
_UNIT_OF, _UNIT_OF_ONE, _UNIT_OF_LETTER = (
    {word: unit for unit, words in listed.items() for word in words.split()}
    for listed in (_WORDS, _SINGULAR, _ABBREVIATED)
)
_WORD = re.compile(r"(?<!\d)(?<!\d[\s-])[^\W\d_]+")  # that no number counts, as in "3-month"
_OF_AN_EVENT = re.compile(r"\s*[+-]?\d|[\s-]+landmark", re.IGNORECASE)  # "day 100" is a moment
_ALONE = re.compile(r"[(\[]\s*(?:in\s+)?([a-z]+)\.?\s*[)\]]|(?:,|(?<!s)/)\s*([a-z]+)\.?\s*$")


def time_unit(title: str | None) -> str | None:
    """Find the unit that a title names.

    Parameters
    ----------
    title : str or None
        Of a time axis, in English, German, French, Spanish, Italian, Portuguese or Dutch.

    Returns
    -------
    str or None
        "days", "weeks", "months" or "years": the one that stands alone, in brackets or behind a
        comma; else the one in the plural; else the one in the singular, unless that belongs to a
        number or a landmark. None where there is none, or more than one.

    Examples
    --------
    >>> time_unit("Years since 3-month landmark"), time_unit("Time (y)"), time_unit("Temps (mois)")
    ('years', 'years', 'months')
    """
    plain = "".join(c for c in normalize("NFKD", title or "").lower() if not combining(c))
    alone = [one or other for one, other in _ALONE.findall(plain)]
    words = [found[0] for found in _WORD.finditer(plain)]
    ones = [f[0] for f in _WORD.finditer(plain) if not _OF_AN_EVENT.match(plain, f.end())]
    for known, among in (
        (_UNIT_OF_LETTER | _UNIT_OF_ONE | _UNIT_OF, alone),
        (_UNIT_OF, words),
        (_UNIT_OF_ONE, ones),
    ):
        units = {known[word] for word in among if word in known}
        if units:
            return units.pop() if len(units) == 1 else None
    return None
