"""Patients read from CSV files as spreadsheets of several languages write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.patients_csv import PatientsRefused, read_patients

PATIENTS = st.lists(
    st.tuples(
        st.decimals("0.01", "240", places=2),
        st.sampled_from((0, 1)),
        st.sampled_from(("A", "B, new", "C; old", "1,5 mg")),
    ),
    min_size=1,
    max_size=12,
)


def written(patients: list[tuple[object, int, str]], mark: str, decimal: str) -> str:
    """Return a CSV file, with quotes around the arms alone."""
    rows = [(str(time).replace(".", decimal), event, f'"{arm}"') for time, event, arm in patients]
    return "\n".join(mark.join(map(str, row)) for row in [("time", "event", "arm"), *rows]) + "\n"


@given(PATIENTS)
@pytest.mark.parametrize("first", ["", "sep=;\n"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_separators_and_decimal_commas_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    mark: str,
    decimal: str,
    first: str,
    patients: list[tuple[object, int, str]],
) -> None:
    """The patients are those of the file with commas between cells and decimal points."""
    folder = tmp_path_factory.mktemp("patients")
    plain, other = folder / "plain.csv", folder / "other.csv"
    plain.write_text(written(patients, ",", "."), encoding="utf-8")
    other.write_text(first + written(patients, mark, decimal), encoding="utf-8")
    expected, found = (read_patients(path).to_frame() for path in (plain, other))
    assert found.equals(expected)


def test_a_time_with_a_comma_for_thousands_is_refused(tmp_path: Path) -> None:
    """A comma between cells and one in a number cannot both be."""
    (tmp_path / "odd.csv").write_text('time,event,arm\n"1,5",1,A\n', encoding="utf-8")
    with pytest.raises(PatientsRefused, match=r"row 2: a time of 1,5 is not possible"):
        read_patients(tmp_path / "odd.csv")
