"""Short forms of names."""

import pytest

from kmrepro.digitise.naming import abbreviates, similar_name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("2", "2: Experimental"),
        ("A", "Arm A: FOLFIRINOX"),
        ("Pembro + chemo", "Pembrolizumab plus chemotherapy"),
        ("P+C", "Pembrolizumab + chemotherapy"),
        ("PBO", "Placebo"),
        ("Sham", "Sham procedure"),
    ],
)
def test_short_forms_of_a_name(label, name):
    assert abbreviates(label, name)
    assert not abbreviates(name, label)


@pytest.mark.parametrize(
    ("label", "name"), [("Drug", "Placebo"), ("B", "Arm A"), ("", "Placebo"), ("Drug", "Drug")]
)
def test_other_names_are_no_short_forms(label, name):
    assert not abbreviates(label, name)


def test_likeness_is_blind_to_case_and_spaces():
    assert similar_name("Low NLR", "low nlr") == 1.0
    assert similar_name("", "Placebo") == 0.0
