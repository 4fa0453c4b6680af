"""Units of time that titles of axes name."""

from __future__ import annotations

import pytest

from kmrepro.digitise.time_units import time_unit


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("Years since 3-month landmark", "years"),
        ("Months (30-day months) since day 100", "months"),
        ("Time from the day of surgery, months", "months"),
        ("Time since month 6 (d)", "days"),
        ("Time (y)", "years"),
        ("Follow-up, mo.", "months"),
        ("Time [in weeks]", "weeks"),
        ("Jahre", "years"),
        ("Temps (mois)", "months"),
        ("Tiempo (años)", "years"),
        ("Tempo dalla chirurgia (giorni)", "days"),
        ("Maanden", "months"),
        ("Study day", "days"),
        ("Time since 6-month landmark", None),  # its numbers may be of any unit
        ("Time (m)", None),  # months or minutes
        ("Days to weeks", None),
        ("Time", None),
        (None, None),
    ],
)
def test_the_unit_is_the_one_that_the_title_says(title, unit):
    assert time_unit(title) == unit
