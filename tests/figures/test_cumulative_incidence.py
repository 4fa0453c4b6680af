"""Figures of competing risks and of subgroups."""

import numpy as np
import pytest

from kmrepro import reproduce
from kmrepro.figures import CumulativeIncidenceDisplay, drawings_of
from kmrepro.studies import Study

ARM = {"n": 80, "causes": {"relapse": {"landmarks": {"12": "20%", "24": "30%"}},
                           "death": {"landmarks": {"12": "10%", "24": "15%"}}}}  # fmt: skip


@pytest.fixture(scope="module")
def analysis():
    endpoint = {"name": "E", "reference": "A", "arms": {"A": ARM, "B": ARM | {"n": 70}}}
    study = Study.model_validate({"id": "x", "endpoint": [endpoint]})
    return reproduce(study, n_draws=0).analyses[0]


def test_a_panel_for_each_cause(analysis):
    """Each cause has a panel with the curve of each arm, as the analysis has it."""
    display = CumulativeIncidenceDisplay.from_analysis(analysis).plot()
    assert list(display.axes_) == ["relapse", "death"]
    line = display.lines_["relapse", "A"]
    curve = analysis.causes[0].curves["A"]
    np.testing.assert_array_equal(line.get_ydata(), curve.incidence_at(line.get_xdata()))
    assert "subdistribution hazard ratio" in display.figure_.get_label()


def test_causes_are_stacked(analysis):
    """Stacked causes add up to 100% less event-free survival."""
    display = CumulativeIncidenceDisplay.from_analysis(analysis).plot(layout="stacked")
    assert list(display.axes_) == ["A", "B"]
    top = display.lines_["death", "B"]
    free = analysis.curves["B"].survival_at(np.asarray(top.get_xdata(), dtype=float))
    np.testing.assert_allclose(top.get_ydata(), 1 - free, atol=1e-9)


def test_choices_are_checked(analysis):
    """A layout that there is not is refused, and an endpoint without causes too."""
    with pytest.raises(ValueError, match="`layout` must be"):
        CumulativeIncidenceDisplay.from_analysis(analysis).plot(layout="pie")


def test_the_catalogue_has_them(analysis):
    """An endpoint with competing risks has both figures."""
    names = [drawing.name for drawing in drawings_of([analysis])]
    assert {"all_E_incidence", "all_E_stacked"} <= set(names)
