"""Events of which the paper prints the times of some only."""

import kmrepro as km
from kmrepro.studies import Arm, Endpoint


def endpoint(events: int | None) -> Endpoint:
    arm = Arm(n=23, events=events, event_times=(1.0, 2.0, 4.0), follow_up={"max": "30"})
    return Endpoint(name="OS", arms={"A": arm})


def test_the_others_are_said_to_be_placed():
    """The result says of how many events the times are printed, and where the others are."""
    ipd = km.reconstruct(endpoint(5))
    assert int(ipd.event.sum()) == 5
    assert (
        "The times of 3 of 5 events are printed; the other 2 are placed along the expected course."
        in ipd.assumptions
    )


def test_nothing_is_said_where_all_are_printed():
    """Events that are all listed need no course."""
    for events in (3, None):
        ipd = km.reconstruct(endpoint(events))
        assert not any("are placed along" in sentence for sentence in ipd.assumptions)
