"""Competing risks agree with R's survival and cmprsk."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kmrepro.models import cox
from kmrepro.models.competing import cumulative_incidence, fine_gray, gray_test
from kmrepro.reconstruct import PseudoIPD

REFERENCE = Path(__file__).parents[2] / "reference"
CAUSES = pd.read_csv(REFERENCE / "competing.csv")
INCIDENCE = pd.read_csv(REFERENCE / "incidence.csv")
NAMES = list(CAUSES.data.unique())


def patients(name: str) -> PseudoIPD:
    frame = pd.read_csv(REFERENCE / "competing" / f"{name}.csv", keep_default_na=False)
    return PseudoIPD.from_frame(frame, reference=frame["arm"].iloc[0])


@pytest.mark.parametrize("name", NAMES)
def test_incidence_and_variance(name):
    """Aalen-Johansen and Aalen's variance are those of cuminc."""
    ipd = patients(name)
    for (cause, arm), rows in INCIDENCE[INCIDENCE.data == name].groupby(["cause", "arm"]):
        curve = cumulative_incidence(ipd, arm=arm, cause=cause)
        at = np.searchsorted(curve.time, rows.time, side="right") - 1
        np.testing.assert_allclose(curve.incidence[at], rows.incidence, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(curve.variance[at], rows.variance, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_gray(name):
    """Gray's statistic and p are those of cuminc, with ties and with three arms."""
    ipd = patients(name)
    for row in CAUSES[CAUSES.data == name].itertuples():
        test = gray_test(ipd, cause=row.cause)
        assert test.statistic == pytest.approx(row.gray, rel=1e-6)
        assert test.p == pytest.approx(row.gray_p, rel=1e-6)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "three_arms"])
def test_hazard_ratios(name):
    """Fine and Gray's ratio is that of crr, the cause-specific one that of coxph."""
    ipd = patients(name)
    for row in CAUSES[CAUSES.data == name].itertuples():
        fit = fine_gray(ipd, cause=row.cause)
        assert fit.log_hazard_ratio == pytest.approx(row.log_shr, abs=1e-6)
        assert fit.se == pytest.approx(row.se, rel=1e-6)
        own = cox(ipd.of_cause(row.cause))
        assert own.log_hazard_ratio == pytest.approx(row.log_chr, abs=1e-6)
        assert own.se == pytest.approx(row.chr_se, rel=1e-6)


def test_untied_ratios_are_those_of_survival():
    """Without tied times R's packages agree on the ratio; the error is crr's, near coxph's."""
    ipd = patients("untied")
    for row in CAUSES[CAUSES.data == "untied"].itertuples():
        fit = fine_gray(ipd, cause=row.cause)
        assert fit.log_hazard_ratio == pytest.approx(row.log_shr_survival, abs=1e-6)
        assert 1e-4 < abs(fit.se / row.robust_se - 1) < 7.5e-4  # coxph takes weights as known
