"""What the batched analyses take, and what they refuse."""

import numpy as np
import pytest

from kmrepro.models import BatchedCox, BatchedLogrank, BatchedRmst, RiskSets

TIME = np.array([[1.0, 2.0, 3.0, 4.0]])
EVENT = np.array([[True, True, False, True]])
TREATED = np.array([False, True, False, True])


@pytest.mark.parametrize(
    ("time", "event", "treated", "message"),
    [
        pytest.param(TIME[0], EVENT, TREATED, r"a row per draw .* shape is \(4,\)", id="one row"),
        pytest.param(TIME[:, :0], EVENT, TREATED, "a column per patient", id="nobody"),
        pytest.param(TIME, EVENT[:, :3], TREATED, r"`event` must fit .*\(1, 3\)", id="event shape"),
        pytest.param(TIME, EVENT, TREATED[:3], r"`treated` must fit .*\(3,\)", id="arm shape"),
        pytest.param(TIME, EVENT * 2, TREATED, "`event` must be boolean, but is", id="event type"),
        pytest.param(TIME, EVENT, TREATED * 1.0, "`treated` must be boolean", id="arm type"),
        pytest.param(
            TIME * 0, EVENT, TREATED, r"positive and finite \(from .*\), but holds 0.0", id="zero"
        ),
        pytest.param(-TIME, EVENT, TREATED, "but holds -4.0", id="negative"),
        pytest.param(TIME * np.nan, EVENT, TREATED, "but holds nan", id="nan"),
        pytest.param(TIME * np.inf, EVENT, TREATED, "but holds inf", id="infinite"),
        pytest.param(TIME * 2.0**511, EVENT, TREATED, "but holds", id="too long for a sort key"),
    ],
)
def test_impossible_patients(time, event, treated, message):
    """Arrays that do not fit, flags that are numbers, and impossible times are refused."""
    with pytest.raises(ValueError, match=message):
        RiskSets.of(time, event, treated)


@pytest.mark.parametrize("tau", [0.0, -1.0, np.nan, np.inf])
def test_impossible_horizons(tau):
    """A horizon is a positive time."""
    with pytest.raises(ValueError, match="`tau` must be positive and finite, but is"):
        BatchedRmst.of(RiskSets.of(TIME, EVENT, TREATED), tau=tau)


def test_inputs_are_left_alone():
    """Neither the caller's arrays change, nor can the results be changed."""
    time, event = TIME.copy(), EVENT.copy()
    sets = RiskSets.of(time, event, TREATED)
    np.testing.assert_array_equal(time, TIME)
    np.testing.assert_array_equal(event, EVENT)
    assert time.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        sets.time[0, 0] = 9
    with pytest.raises(ValueError, match="read-only"):
        BatchedCox.of(sets).se[0] = 9


def test_no_draws():
    """No draws give no estimates."""
    nothing = RiskSets.of(TIME[:0], EVENT[:0], TREATED)
    assert BatchedCox.of(nothing).log_hazard_ratio.shape == (0,)
    assert BatchedLogrank.of(nothing).p.shape == (0,)
    assert BatchedRmst.of(nothing, tau=2).difference.shape == (0,)
