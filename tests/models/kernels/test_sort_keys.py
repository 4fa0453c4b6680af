"""Sort keys keep every bit of a time, and tie exactly where times do."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models._kernels import (
    CENSORED,
    LARGEST,
    SMALLEST,
    TREATED,
    moment,
    sorted_keys,
    time_at,
)

from ...seeds import examples

quick = settings(max_examples=examples(200))

any_time = st.floats(SMALLEST, LARGEST, exclude_min=True, exclude_max=True)
neighbours = any_time.map(lambda time: min(math.nextafter(time, math.inf), LARGEST / 2))
patients = st.lists(
    st.tuples(any_time | neighbours | st.sampled_from([1.0, 0.1 + 0.2, 0.3]), *2 * [st.booleans()]),
    min_size=1,
    max_size=30,
)


@quick
@given(patients)
def test_keys_sort_as_tuples_do(rows):
    """The order is that of (time, censored, treated), and every part comes back bit for bit."""
    time, event, treated = (np.array(column)[None] for column in zip(*rows, strict=True))
    keys = sorted_keys(time, event, treated)[0]
    found = zip(
        time_at(moment(keys)).tolist(),
        (keys & CENSORED != 0).tolist(),
        (keys & TREATED != 0).tolist(),
        strict=True,
    )
    assert list(found) == sorted((time, not event, treated) for time, event, treated in rows)


@quick
@given(any_time)
def test_next_float_is_another_time(time):
    """Times that differ in their last bit are not tied."""
    later = math.nextafter(time, math.inf)
    times = np.array([[time, min(later, LARGEST), time]])
    keys = sorted_keys(times, np.ones((1, 3), dtype=bool), np.zeros(3, dtype=bool))
    assert np.diff(moment(keys[0])).tolist() == [0, 1]


def test_the_whole_range():
    """The smallest and largest times allowed fit into a key."""
    times = np.array([[LARGEST, 1.0, SMALLEST]])
    keys = sorted_keys(times, np.zeros((1, 3), dtype=bool), np.ones(3, dtype=bool))
    assert time_at(moment(keys))[0].tolist() == [SMALLEST, 1.0, LARGEST]
