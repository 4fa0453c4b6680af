"""What the columns of a file of points hold, by their headings and, failing those, their numbers.

A column is understood or questioned. Its place alone decides only where there are no headings at
all, and then its numbers must fit: times rise, survival falls from near 1 (or 100%).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .column_evidence import (
    AXIS_MISS,
    LEAST_FIT,
    Quantity,
    Role,
    fits,
    is_generic,
    numbers_rows,
    rises,
    role_and_arm_of,
    role_of,
)
from .csv_table import CsvTable
from .errors import CurveFault, shown

__all__ = ["Columns", "Pair", "understood"]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A column of times and one of values.

    Attributes
    ----------
    time, value : int
        Their places.
    arm : str
        Whose they are; "" if that is not said.
    turned : bool
        Whether values are cumulative incidence, and survival is 1 less that.
    """

    time: int
    value: int
    arm: str = ""
    turned: bool = False


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What is read from a block.

    Attributes
    ----------
    pairs : tuple of Pair
        One at least; exactly one if a column names the arms.
    arm : int or None
        The column that names the arm of each row.
    tolerance : int or None
        The column that has the reading error of each point.
    remarks : tuple of str
        What was concluded from the numbers, or left out, a sentence each.
    """

    pairs: tuple[Pair, ...]
    arm: int | None = None
    tolerance: int | None = None
    remarks: tuple[str, ...] = ()


def understood(table: CsvTable, quantity: Quantity) -> Columns | None:
    """Understand the columns of a block.

    Parameters
    ----------
    table : CsvTable
        The block.
    quantity : {"survival", "n_risk", "count"}
        What is looked for.

    Returns
    -------
    Columns or None
        None if the headings say that the block holds another quantity.

    Raises
    ------
    CurveFault
        If a column is in doubt; the message names it, and what was expected.
    """
    if table.width < 2:
        raise CurveFault(f"two columns are needed, time and {quantity}, and one was found")
    if not table.headings:
        return _without_headings(table, quantity)
    return _Headed(table, quantity).columns()


def holds_another(table: CsvTable, quantity: Quantity) -> bool:
    """Say whether a block holds another quantity, by its title, or by its second column."""
    titled = role_of(table.title) if table.title else ""
    if titled in ("survival", "n_risk", "count"):
        return titled != quantity
    roles = {role_of(name) for name in table.names if name}
    if quantity in roles or table.width < 2 or "arm" in roles or quantity == "count":
        return False
    other: Quantity = "n_risk" if quantity == "survival" else "survival"
    return fits(table, (0, 1), other) and not fits(table, (0, 1), quantity)


def _without_headings(table: CsvTable, quantity: Quantity) -> Columns:
    columns = list(range(table.width))
    words = [column for column in columns if not table.has_numbers(column)]
    numbers = [column for column in columns if column not in words]
    if len(numbers) > 2 and numbers_rows(table, numbers[0]) and rises(table, numbers[1]):
        numbers = numbers[1:]
    if len(words) > 1 or (words and len(numbers) != 2):
        raise CurveFault(_apart(table, quantity))
    if len(numbers) == 2:
        return _two(table, (numbers[0], numbers[1]), quantity, arm=words[0] if words else None)
    if len(numbers) % 2:
        raise CurveFault(_apart(table, quantity))
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return Columns(
        pairs=tuple(
            Pair(time=time, value=value, arm=f"curve {at}")
            for at, (time, value) in enumerate(pairs, start=1)
        )
    )


def _two(
    table: CsvTable, columns: tuple[int, int], quantity: Quantity, *, arm: int | None
) -> Columns:
    """Take the first of two columns for times, unless only the other way fits."""
    first, second = columns
    if arm is None and not fits(table, (first, second), quantity):
        if quantity == "survival" and fits(table, (second, first), quantity):
            said = "the second column rises and the first falls from 1: it was read as survival."
            return Columns(pairs=(Pair(time=second, value=first),), remarks=(said,))
        if quantity == "survival" and not all(
            table.is_number(cells, column) for _, cells in table.rows for column in columns
        ):
            return Columns(pairs=(Pair(time=first, value=second),))  # the cell at fault is named
    return Columns(pairs=(Pair(time=first, value=second),), arm=arm)


def _apart(table: CsvTable, quantity: Quantity) -> str:
    return (
        f"{table.width} columns cannot be told apart; write headings: time and {quantity}, with a "
        "column arm if there are several, or time and the name of every arm"
    )


class _Headed:
    """The columns of a block with headings."""

    def __init__(self, table: CsvTable, quantity: Quantity) -> None:
        self.table, self.quantity = table, quantity
        self.names = table.names
        self.roles = [role_of(name) if name else "" for name in self.names]
        self.arms = [self._arm_above(column) for column in range(table.width)]
        for column, name in enumerate(self.names):
            if not self.roles[column] and (both := role_and_arm_of(name)):
                role, self.arms[column] = both
                self.roles[column] = self.quantity if role == "survival" else role
        self._weigh_contents()

    def _arm_above(self, column: int) -> str:
        """Return the name above a column, or above the one before it, in the row of names."""
        if len(self.table.headings) < 2:
            return ""
        above = self.table.headings[-2]
        return next((cell for cell in reversed(above[: column + 1]) if cell), "")

    def _weigh_contents(self) -> None:
        """Settle by its contents what a heading leaves open."""
        table, roles = self.table, self.roles
        for column, role in enumerate(roles):
            filled = table.filled(column)
            words = bool(filled) and not table.has_numbers(column)
            if not filled and not self.names[column]:
                roles[column] = "empty"
            elif words and role != "arm":
                roles[column] = (
                    "words" if role or "arm" in roles or self._names_rows(column) else "arm"
                )
            elif role == "arm" and not words and not self._numbers_arms(column):
                roles[column] = ""  # an arm that is itself called "drug"
            elif role == "row" or (not self.names[column] and self._is_row_number(column)):
                roles[column] = self._row_or_arm(column)
            elif self.quantity != "survival" and self.names[column].lower() in ("y", "n"):
                roles[column] = self.quantity
        if "survival" in roles:
            self.roles = ["band" if role == "incidence" else role for role in roles]

    def _names_rows(self, column: int) -> bool:
        """Say whether a column without a heading has another word in every row, as R's names."""
        filled = self.table.filled(column)
        return not self.names[column] and len({cells[column] for _, cells in filled}) == len(filled)

    def _numbers_arms(self, column: int) -> bool:
        """Say whether numbers denote arms: whole, few, and beside values or times that restart."""
        numbers = self.table.numbers(column)
        if any(number != int(number) for number in numbers):
            return False
        times = [self.table.numbers(place) for place in self._places("time")[:1]]
        apart = any(late < early for each in times for early, late in pairwise(each))
        few = self.quantity == "survival" or max(numbers, default=0) < 10  # or numbers at risk
        apart = apart or (few and bool(self._places(self.quantity)))
        return len(set(numbers)) == 1 or (apart and 2 * len(set(numbers)) <= len(numbers))

    def _is_row_number(self, column: int) -> bool:
        return column == 0 and numbers_rows(self.table, column)

    def _row_or_arm(self, column: int) -> Role:
        """Distinguish row numbers from numbers of arms, which stay the same while times rise."""
        if numbers_rows(self.table, column):
            return "row"
        numbers = self.table.numbers(column)
        changes = sum(late != early for early, late in pairwise(numbers))
        few = len(set(numbers)) == changes + 1 < max(len(numbers) / 2, 2)
        return "arm" if few and "arm" not in self.roles else "row"

    def _places(self, *roles: Role) -> list[int]:
        return [column for column, role in enumerate(self.roles) if role in roles]

    def columns(self) -> Columns | None:
        """Pair every column of values with its times."""
        wanted = ("survival", "incidence") if self.quantity == "survival" else (self.quantity,)
        values, unknown = self._places(*wanted), self._places("")
        others = {"survival", "n_risk", "count"} - {self.quantity, "count"}
        arms = self._places("arm")
        if not values and self._places(*others) and len(unknown) < 1:
            return None
        times = self._places("time")
        if arms and len(times) + len(values) + len(unknown) < 2:
            raise CurveFault("beside the column of arms two are needed, times and values")
        if not values and unknown:
            return self._of_unknown(times, unknown, arms)
        if not times and len(unknown) == 1 and len(values) == 1:
            return self._by_elimination(unknown[0], values[0], arms)
        if not times or not values:
            raise CurveFault(self._question())
        return self._paired(times, values, unknown, arms)

    def _paired(
        self, times: list[int], values: list[int], unknown: list[int], arms: list[int]
    ) -> Columns:
        """Pair values with the times before them; an unknown column must not be a curve."""
        if doubtful := [c for c in unknown if self._may_be_values(times[0], c)]:
            raise CurveFault(self._question(doubtful))
        left_out = tuple(
            f"column {shown(self.names[column])} was not understood and left out."
            for column in unknown
            if self.names[column]
        )
        beside = [
            self.names[column] for column in self._places("n_risk", "count", "events", "band")
        ]
        if self.quantity == "survival" and beside:
            left_out += (f"not read with the curve: {', '.join(dict.fromkeys(beside))}.",)
        if arms:
            values = values[:1]
        pairs = [self._pair(times, value, many=len(values) > 1) for value in values]
        tolerance = self._places("tolerance")
        return Columns(
            pairs=tuple(pairs), arm=arms[0] if arms else None,
            tolerance=tolerance[0] if tolerance else None, remarks=left_out,
        )  # fmt: skip

    def _may_be_values(self, time: int, column: int) -> bool:
        """Say whether a column of numbers may be another arm's, or number the arms."""
        table = self.table
        few = 1 < len(set(table.numbers(column))) <= min(6, len(table.rows) / 2)
        return few or fits(table, (time, column), self.quantity)

    def _pair(self, times: list[int], value: int, *, many: bool) -> Pair:
        before = [time for time in times if time < value]
        time = before[-1] if before else times[0]
        arm = self.arms[value] or self.arms[time]
        if not arm and many:
            own = self.roles.count(self.roles[value]) == len(
                set(map(str.lower, self._named(value)))
            )
            arm = self.names[value] if own else f"curve {1 + self._rank(value)}"
        return Pair(time=time, value=value, arm=arm, turned=self._is_turned(value))

    def _named(self, value: int) -> list[str]:
        return [self.names[column] for column in self._places(self.roles[value])]

    def _rank(self, value: int) -> int:
        return self._places(self.roles[value]).index(value)

    def _is_turned(self, value: int) -> bool:
        """Say whether a column is incidence, by its heading and because it starts near 0."""
        if self.roles[value] != "incidence":
            return False
        numbers = self.table.numbers(value)
        return bool(numbers) and numbers[0] <= (1 - LEAST_FIT) * max(1.0, max(numbers))

    def _by_elimination(self, time: int, value: int, arms: list[int]) -> Columns:
        if not self._times_fit(time):
            raise CurveFault(self._question([time]))
        return Columns(pairs=(Pair(time=time, value=value, arm=self.arms[value],
                                   turned=self._is_turned(value)),),
                       arm=arms[0] if arms else None)  # fmt: skip

    def _times_fit(self, column: int) -> bool:
        numbers = self.table.numbers(column)
        return bool(numbers) and min(numbers) > -AXIS_MISS * max(numbers) and max(numbers) > 0

    def _of_unknown(self, times: list[int], unknown: list[int], arms: list[int]) -> Columns:
        """Take headings that name no quantity for names of arms, if their numbers fit."""
        if not times and (pairs := self._alternating()):
            return Columns(pairs=pairs)
        if not times:
            times, unknown = unknown[:1], unknown[1:]
            if not self._times_fit(times[0]):
                raise CurveFault(self._question([*times, *unknown]))
        misfits = [
            column for column in unknown
            if not fits(self.table, (self._pair(times, column, many=False).time, column),
                         self.quantity) and not arms
        ]  # fmt: skip
        if not unknown or (arms and len(unknown) > 1) or (misfits and self._unsure(times)):
            raise CurveFault(self._question(sorted({*misfits, *self._places("")})))
        single = len(unknown) == 1
        pairs = tuple(
            Pair(
                time=self._pair(times, column, many=False).time,
                value=column,
                arm=self._name(column, single=single),
            )
            for column in unknown
        )
        return Columns(pairs=pairs, arm=arms[0] if arms else None)

    def _unsure(self, times: list[int]) -> bool:
        """Say whether columns whose numbers do not fit may be something else than curves.

        A column of times with a heading of its own, in front of nothing but named columns, leaves
        no doubt, and faults of the points are then named instead.
        """
        return self.roles[times[0]] != "time" or len(self._places("", "time")) != self.table.width

    def _name(self, column: int, *, single: bool) -> str:
        if single:
            return self.arms[column] or ("" if is_generic(self.names[column]) else
                                         self.names[column])  # fmt: skip
        return self.names[column] or self.arms[column]

    def _alternating(self) -> tuple[Pair, ...]:
        """Return pairs of columns under names of which every other is empty, or whose numbers fit.

        "Drug,,Placebo," is what WebPlotDigitizer writes.
        """
        width, names = self.table.width, self.names
        if width % 2 or self._places("arm", "row", "n_risk", "count"):
            return ()
        starts = range(0, width, 2)
        blank = not any(names[at + 1] for at in starts) and width > 2
        if not blank and not all(fits(self.table, (at, at + 1), self.quantity) for at in starts):
            return ()
        arms = [names[at] or f"curve {at // 2 + 1}" for at in starts]
        if width == 2:
            arms = [""]
        return tuple(Pair(time=at, value=at + 1, arm=arms[at // 2]) for at in starts)

    def _no_number(self) -> str:
        """Say which cell of a column with a known heading is no number; "" if there is none."""
        for column, role in enumerate(self.roles):
            known = role_of(self.names[column]) if self.names[column] else ""
            if role == "words" and known in ("time", self.quantity):
                line, cells = next(
                    row for row in self.table.filled(column)
                    if not self.table.is_number(row[1], column)
                )  # fmt: skip
                return f"line {line}, column {column + 1}: {shown(cells[column])} is not a number"
        return ""

    def _question(self, columns: Sequence[int] = ()) -> str:
        if not columns and (said := self._no_number()):
            return said
        doubtful = [column for column in columns if self.names[column]] or self._places("")
        heads = [shown(self.names[column]) for column in doubtful if self.names[column]]
        named = ", ".join(heads or [shown(name) for name in self.names if name])
        many = "s" if len(heads or self.names) > 1 else ""
        return (
            f"the column{many} {named} {'are' if many else 'is'} not understood; expected are "
            f"time and {self.quantity}, with a column arm if there are several arms, or time and "
            "the name of every arm"
        )
