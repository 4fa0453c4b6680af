"""Data frames of every kind of column become patients, or are refused in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kmrepro.reconstruct import PseudoIPD

BASE = pd.DataFrame(
    {"time": [1.0, 2.0, 3.0, 4.0], "event": [1, 0, 1, 1], "arm": ["A", "A", "B", "B"]}
)


def taken(reference: Any = "A", frame: pd.DataFrame = BASE, **columns: Any) -> PseudoIPD:
    return PseudoIPD.from_frame(frame.assign(**columns), reference=reference)


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(pd.array([True, False, True, True], dtype="boolean"), id="nullable"),
        pytest.param(pd.array([1, 0, 1, 1], dtype="Int64"), id="nullable integers"),
        pytest.param(pd.Categorical([1, 0, 1, 1]), id="categories"),
        pytest.param(np.array([True, False, 1.0, True], dtype=object), id="objects"),
        pytest.param(pd.arrays.SparseArray([1, 0, 1, 1]), id="sparse"),
    ],
)
def test_events_of_every_kind(column: Any) -> None:
    """Truth values and the numbers 1 and 0, however they are kept."""
    assert taken(event=column).event.tolist() == [True, False, True, True]


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (["yes", "no", "yes", "no"], "the text 'yes' in row 0"),
        (["1", "0", "1", "0"], "the text '1' in row 0"),
        ([1, 0, 2, 1], "2 in row 2"),
        ([1, 0, np.nan, 1], "nan in row 2"),
        (pd.array([True, None, False, True], dtype="boolean"), "<NA> in row 1"),
        (pd.Categorical(["dead", "alive", "dead", "dead"]), "the text 'dead' in row 0"),
    ],
)
def test_what_is_no_event_is_refused(column: Any, found: str) -> None:
    """Words, other numbers and missing values counted as events."""
    with pytest.raises(ValueError, match=f"`event` must be True or False .* but is {found}"):
        taken(event=column)


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (pd.to_timedelta([1, 2, 3, 4], unit="D"), r"has timedelta64\[ns\]: give durations"),
        (pd.date_range("2020-01-01", periods=4), r"has datetime64\[ns\]: give"),
        (pd.date_range("2020-01-01", periods=4, tz="Europe/Berlin"), "Europe/Berlin"),
        (pd.Series(list(np.array(["2020-01-01"] * 4, "datetime64[D]")), dtype=object), "in row 0"),
        (["1,5", "2,5", "3", "4"], "is '1,5' in row 0"),
        (pd.array([1, None, 3, 4], dtype="Int64"), "is <NA> in row 1"),
        ([1, np.nan, 3, 4], "is nan in row 1"),
    ],
)
def test_what_is_no_time_is_refused(column: Any, found: str) -> None:
    """Dates and durations became nanoseconds."""
    with pytest.raises(ValueError, match=f"`time` must be .*{found}"):
        taken(time=column)
    with pytest.raises(ValueError, match="`time` must be real numbers"):
        PseudoIPD(time=np.array(["2020-01-01"], "M8[D]"), event=[True], arm=["A"], arms=("A",))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "reference", "arms"),
    [
        (pd.Categorical(["B", "B", "A", "A"], categories=["C", "B", "A"]), "B", ("B", "A")),
        ([0, 0, 1, 1], 0, ("0", "1")),
        ([0.0, 0.0, 1.0, 1.0], "0", ("0", "1")),
        (pd.array([1, 1, 2, 2], dtype="Int64"), 2, ("2", "1")),
        ([False, False, True, True], True, ("True", "False")),
        (["Übrige", "Übrige", "薬", "薬"], "薬", ("薬", "Übrige")),
        (["A", "A ", " B", "B\u00a0"], "A ", ("A", "B")),
    ],
)
def test_arms_of_every_kind(column: Any, reference: Any, arms: tuple[str, ...]) -> None:
    """Names and numbers, the reference as it is written or as it is counted."""
    assert taken(reference, arm=column).arms == arms


@pytest.mark.parametrize(
    "column",
    [
        ["A", "A", "B", None],
        ["A", "A", "B", np.nan],
        pd.array(["A", "A", "B", None], dtype="string"),
        ["A", "A", "B", " "],
    ],
)
def test_a_patient_without_an_arm_is_refused(column: Any) -> None:
    """They were a third arm, of the name nan."""
    with pytest.raises(ValueError, match="`arm` is missing in row 3"):
        taken(arm=column)


def test_an_unknown_reference_is_refused() -> None:
    """It is named with the arms that there are."""
    with pytest.raises(ValueError, match="`reference` is 'Z', which is no arm; they are 'A', 'B'"):
        taken("Z")


@pytest.mark.parametrize("missing", ["", None, np.nan])
@pytest.mark.parametrize("kind", [object, "category", "string"])
def test_causes_of_every_kind(missing: Any, kind: Any) -> None:
    """A cause that is missing or empty is that of a censored patient."""
    cause = pd.Series(["x", missing, "y", "x"], dtype=kind)
    ipd = taken(cause=cause)
    assert ipd.cause is not None
    assert ipd.cause.tolist() == ["x", "", "y", "x"]
    alone = taken(frame=BASE.drop(columns="event"), cause=cause)
    assert alone.event.tolist() == [True, False, True, True]


@pytest.mark.parametrize("word", [0, 0.0, "0", "censored", "Alive"])
def test_a_cause_that_means_none_is_refused(word: Any) -> None:
    """Without a column of events a 0 counted as an event of the cause 0."""
    with pytest.raises(ValueError, match="in row 1, which would be a cause of that name; leave it"):
        taken(frame=BASE.drop(columns="event"), cause=["x", word, "y", "x"])


def test_columns_that_are_not_there_or_twice() -> None:
    """The columns that there are are named."""
    with pytest.raises(ValueError, match="has no column 'time'; it has TIME, EVENT, ARM"):
        PseudoIPD.from_frame(BASE.rename(columns=str.upper), reference="A")
    twice = pd.concat([BASE, BASE[["time"]]], axis=1)
    with pytest.raises(ValueError, match="has 2 columns 'time'; keep one"):
        PseudoIPD.from_frame(twice, reference="A")
    levels = BASE.copy()
    levels.columns = pd.MultiIndex.from_product([["data"], levels.columns])
    with pytest.raises(ValueError, match=r"no column 'time'; it has \('data', 'time'\)"):
        PseudoIPD.from_frame(levels, reference="A")
    with pytest.raises(TypeError, match=r"takes a pandas data frame with .*, not a dict"):
        PseudoIPD.from_frame(BASE.to_dict("list"), reference="A")  # type: ignore[arg-type]


def test_an_index_is_no_column() -> None:
    """Rows are patients whatever they are called."""
    frame = BASE.set_index(pd.Index([7, 7, 7, 7]))
    assert PseudoIPD.from_frame(frame, reference="A").time.tolist() == [1.0, 2.0, 3.0, 4.0]
