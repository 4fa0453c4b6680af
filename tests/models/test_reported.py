"""The reported comparison as numbers."""

import math

import pytest

from kmrepro.models.reported import read_reported
from kmrepro.studies import PrintedNumber, Reported


def reported(hazard_ratio=None, ci=None, p=None, test=None) -> Reported:
    parse = PrintedNumber.parse
    return Reported(
        hazard_ratio=hazard_ratio and parse(hazard_ratio),
        ci=ci and (parse(ci[0]), parse(ci[1])),
        p=p and parse(p),
        test=test,
    )


def test_standard_error_from_the_interval():
    """The interval gives the error, whatever p says."""
    read = read_reported(reported("1.22", ("0.78", "1.89"), "0.381"))
    assert (read.hazard_ratio, read.ci, read.p) == (1.22, (0.78, 1.89), 0.381)
    assert read.se == pytest.approx((math.log(1.89) - math.log(0.78)) / (2 * 1.959964))
    assert read.se_source == "interval"
    assert read.hazard_ratio_text == "1.22 (95% CI 0.78 to 1.89)"
    assert read.p_text == "p = 0.381"


def test_standard_error_from_p():
    """Without an interval the error is |ln HR| / z: 0.5 with p = 0.05 has ln 2 / 1.96."""
    read = read_reported(reported("0.5", p="0.05"))
    assert read.se == pytest.approx(math.log(2) / 1.959964)
    assert read.se_source == "p"


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param(reported("0.5"), id="hazard ratio alone"),
        pytest.param(reported("0.5", p="<0.001"), id="p is a bound"),
        pytest.param(reported("1.00", p="0.9"), id="no effect"),
        pytest.param(reported("0.5", ("0.9", "0.3")), id="falling interval"),
        pytest.param(reported("0.5", ("0.3", "NR")), id="open interval"),
        pytest.param(reported(p="0.02"), id="p alone"),
        pytest.param(None, id="nothing"),
    ],
)
def test_no_standard_error(printed):
    """What is printed may not give an error."""
    read = read_reported(printed)
    assert read.se is None
    assert read.se_source == ""


@pytest.mark.parametrize(
    ("printed", "significant", "by"),
    [
        pytest.param(reported(p="0.049"), True, "p", id="below"),
        pytest.param(reported(p="0.053"), False, "p", id="above"),
        pytest.param(reported(p="<0.05"), True, "p", id="bound below"),
        pytest.param(reported(p=">0.05"), False, "p", id="bound above"),
        pytest.param(reported(p="0.05"), None, "", id="rounds either way"),
        pytest.param(reported("2", ("1.1", "3"), "0.05"), True, "interval", id="interval decides"),
        pytest.param(reported("0.5", ("0.3", "0.9")), True, "interval", id="interval below 1"),
        pytest.param(reported("0.5", ("0.3", "1.1")), False, "interval", id="interval holds 1"),
        pytest.param(reported("2", ("1.00", "3")), None, "", id="bound may be 1"),
        pytest.param(reported("2", ("0.9", "3"), "0.03"), True, "p", id="p goes first"),
        pytest.param(reported("2", ("1.2", "NR")), None, "", id="open interval"),
        pytest.param(reported("2"), None, "", id="neither"),
    ],
)
def test_significance(printed, significant, by):
    """Significance is what p says; where it may round either way, what the interval says."""
    read = read_reported(printed)
    assert (read.significant, read.significant_by) == (significant, by)


def test_a_p_of_non_inferiority_finds_no_difference():
    """Its p is shown with its name, and the interval says what the paper finds."""
    read = read_reported(reported("0.99", ("0.81", "1.22"), "0.001", "non-inferiority"))
    assert read.p_text == "p of non-inferiority = 0.001"
    assert (read.p_two_sided, read.p_printed) == (None, None)
    assert (read.significant, read.significant_by) == (False, "interval")
