"""Study files as Excel workbooks, and back: a sheet for each kind of line that a paper reports."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .handover import ExcelSupportMissing, add_sheet, cell_value, openpyxl_module, undated
from .studies.errors import Place, placed_values

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["WorkbookFault", "content_from_workbook", "toml_text", "workbook_bytes"]

Leaves = dict[Place, Any]

_DEEPEST = 10  # keys of a value, in the sheet for everything else: a limit of an incidence has most
_EMPTY = "{}"  # a table without keys, such as a cause of which nothing is reported
_MOST_ROWS = 20_000
_MOST_BYTES = 5_000_000


class WorkbookFault(ValueError):  # noqa: N818 - a fault of the data, as in a study file
    """A workbook that cannot be read as a study: the sheet, the row, what is allowed."""


@dataclass(frozen=True)
class _Column:
    """A column of a sheet: its heading, and where below its row's place the value belongs."""

    name: str
    place: Place
    whole: bool = False


def _columns(text: str) -> tuple[_Column, ...]:
    """Read headings: `key`, `table.key`, `key#` of whole numbers, `key[]` of two limits."""
    found: list[_Column] = []
    for name in text.split():
        whole, pair = name.endswith("#"), name.endswith("[]")
        plain = name.removesuffix("#").removesuffix("[]")
        place = tuple(plain.split("."))
        if pair:
            found += [_Column(f"{plain} {('from', 'to')[i]}", (*place, i)) for i in (0, 1)]
        else:
            found.append(_Column(plain, place, whole))
    return tuple(found)


_STUDY = _columns("id title citation doi time_unit enrolment[] data_cutoff note")
_ENDPOINT = _columns(
    "cohort cohort_label name label figure swimmer source note time_unit enrolment[] "
    "data_cutoff reference compares "
    "reported.hazard_ratio reported.ci[] reported.p reported.test reported.events# "
    "reported.adjusted reported.note"
)
_ARM = _columns(
    "n# n_basis events# median median_ci[] mean follow_up.median follow_up.iqr[] follow_up.range[] "
    "follow_up.min follow_up.max curve label note"
)
_LANDMARK = _columns("survival ci[]")
_TABLE = _columns("id source title cohort endpoint figure subset_of favours[] n# events#")
_RATIO = _columns("variable level reference model hazard_ratio ci[] p p_interaction overall note")


# Writing -----------------------------------------------------------------------------------------


def workbook_bytes(content: Mapping[str, Any]) -> bytes:
    """Return a workbook that holds everything a study file says.

    Parameters
    ----------
    content : mapping
        The keys and values of the file, as `studies.reader.study_content` returns them.

    Returns
    -------
    bytes
        Of an .xlsx file, the same each time: the sheets study, arms, endpoints, endpoint arms,
        survival, at risk, tables, hazard ratios, and everything else by its keys. Cells are text,
        so that the digits of a reported number are kept.

    Raises
    ------
    ExcelSupportMissing
        If openpyxl is not installed.
    """
    book = openpyxl_module().Workbook()
    book.remove(book.active)
    leaves = {place: value for place, value in placed_values(content) if value is not None}
    about = zip(_names(_STUDY), _row(leaves, (), _STUDY), strict=True)
    add_sheet(book, "study", ["key", "value"], about)
    named = [place for place in leaves if len(place) == 2 and place[0] == "arms"]
    add_sheet(book, "arms", ["arm", "name in full"], ((at[1], leaves.pop(at)) for at in named))
    endpoints = content.get("endpoint", [])
    rows = (_row(leaves, ("endpoint", i), _ENDPOINT) for i in range(len(endpoints)))
    add_sheet(book, "endpoints", _names(_ENDPOINT), rows)
    _endpoint_sheets(book, endpoints, leaves)
    tables = content.get("table", [])
    rows = (_row(leaves, ("table", i), _TABLE) for i in range(len(tables)))
    add_sheet(book, "tables", _names(_TABLE), rows)
    ratios = (
        [table["id"], *_row(leaves, ("table", i, "hazard_ratio", j), _RATIO)]
        for i, table in enumerate(tables)
        for j in range(len(table.get("hazard_ratio", [])))
    )
    add_sheet(book, "hazard ratios", ["table", *_names(_RATIO)], ratios)
    headings = [*(f"key {i + 1}" for i in range(_DEEPEST)), "value"]
    add_sheet(book, "everything else", headings, map(_rest_row, leaves.items()))
    buffer = io.BytesIO()
    book.save(buffer)
    return undated(buffer.getvalue())


def _names(columns: Iterable[_Column]) -> list[str]:
    return [column.name for column in columns]


def _row(leaves: Leaves, place: Place, columns: Iterable[_Column]) -> list[Any]:
    """Take the values of a row out of the leaves; an interval in one text is in its first cell."""
    cells = []
    for column in columns:
        whole = (*place, *column.place)
        value = leaves.pop(whole, None)
        if value is None and column.place[-1] == 0:
            value = leaves.pop(whole[:-1], None)
        cells.append(value)
    return cells


def _endpoint_sheets(book: Workbook, endpoints: list[Any], leaves: Leaves) -> None:
    """Write the sheets that have a row for each arm of an endpoint, and for each of its times."""
    arms, survival, at_risk = [], [], []
    for number, endpoint in enumerate(endpoints):
        key = _endpoint_key(endpoint)
        for name, arm in endpoint["arms"].items():
            place = ("endpoint", number, "arms", name)
            leaves.pop(place, None)  # an arm without any number has a row
            arms.append([key, name, *_row(leaves, place, _ARM)])
            for time, mark in arm.get("landmarks", {}).items():
                at = (*place, "landmarks", time)
                short = [leaves.pop(at, None)] if not isinstance(mark, Mapping) else []
                cells = _row(leaves, at, _LANDMARK)
                survival.append([key, name, time, *(short or cells[:1]), *cells[1:]])
            for time in arm.get("at_risk", {}):
                at_risk.append([key, name, time, leaves.pop((*place, "at_risk", time))])
    add_sheet(book, "endpoint arms", ["endpoint", "arm", *_names(_ARM)], arms)
    add_sheet(book, "survival", ["endpoint", "arm", "time", *_names(_LANDMARK)], survival)
    add_sheet(book, "at risk", ["endpoint", "arm", "time", "n"], at_risk)


def _endpoint_key(endpoint: Mapping[str, Any]) -> str:
    return f"{endpoint.get('cohort', 'all')}/{endpoint['name']}"


def _rest_row(leaf: tuple[Place, Any]) -> list[Any]:
    place, value = leaf
    keys = [step + 1 if isinstance(step, int) else step for step in place]
    return [*keys, *[None] * (_DEEPEST - len(keys)), _EMPTY if value == {} else value]


# Reading -----------------------------------------------------------------------------------------


def content_from_workbook(path: Path) -> dict[str, Any]:
    """Return what a workbook says, with the keys and values of a study file.

    Parameters
    ----------
    path : Path
        An .xlsx file with the sheets that `workbook_bytes` writes; sheets that are not needed may
        be absent, and columns may be in any order.

    Raises
    ------
    WorkbookFault
        If it is no workbook, or a row or column belongs nowhere.
    ExcelSupportMissing
        If openpyxl is not installed.
    """
    book = _opened(path)
    sheets = {sheet.title.strip().lower(): sheet for sheet in book.worksheets}
    if "endpoints" not in sheets:
        raise WorkbookFault(
            f"{path.name} has no sheet named endpoints; `kmrepro to-excel an2025 --out FILE.xlsx` "
            "writes an example."
        )
    reader = _Reader(sheets)
    reader.read()
    for name, sheet in sheets.items():
        if name not in reader.asked and any(cell.value for row in sheet for cell in row):
            raise WorkbookFault(
                f"There is no sheet {sheet.title!r}; a study has {', '.join(reader.asked)}: rename "
                "it, or take it out."
            )
    content = _nested(reader.leaves)
    return content if isinstance(content, dict) else {}


def _opened(path: Path) -> Workbook:
    openpyxl = openpyxl_module()
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WorkbookFault(f"{path} has more than {_MOST_BYTES:,} bytes.")
        content = path.read_bytes()
        book: Workbook = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        _refuse_unworked(openpyxl.load_workbook(io.BytesIO(content)), book)
    except OSError as error:
        raise WorkbookFault(f"{path} cannot be read: {error.strerror or error}.") from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        if isinstance(error, WorkbookFault):
            raise
        raise WorkbookFault(f"{path} is not an Excel workbook (.xlsx).") from error
    return book


def _refuse_unworked(formulas: Workbook, values: Workbook) -> None:
    """Refuse a formula that no program has worked out, which reads as an empty cell."""
    for sheet in formulas.worksheets:
        for cell in (cell for row in sheet for cell in row if cell.data_type == "f"):
            if values[sheet.title][cell.coordinate].value is None:
                raise WorkbookFault(
                    f"Sheet {sheet.title}, cell {cell.coordinate}: its formula has no value; save "
                    "the workbook with the program that works it out, or write the number."
                )


class _Reader:
    """The values of a workbook, collected by their places in a study file."""

    def __init__(self, sheets: Mapping[str, Any]) -> None:
        self.leaves: Leaves = {}
        self.asked: list[str] = []
        self._sheets = sheets
        self._endpoints: dict[str, int] = {}
        self._tables: dict[str, int] = {}

    def read(self) -> None:
        """Read every sheet; those that refer to endpoints and tables come after them."""
        known = {column.name: column for column in _STUDY}
        about: dict[str, Any] = {}
        for where, row in self._rows("study", ("key", "value")):
            key = str(row.get("key", ""))
            if key not in known:
                raise WorkbookFault(f"{where}: there is no key {key!r}; it has {', '.join(known)}.")
            about |= {key: row["value"]} if "value" in row else {}
        self._put((), about, _STUDY)
        for _, row in self._rows("arms", ("arm", "name in full")):
            self.leaves["arms", str(row["arm"])] = str(row.get("name in full", ""))
        for number, (_, row) in enumerate(self._rows("endpoints", _names(_ENDPOINT))):
            self._put(("endpoint", number), row, _ENDPOINT)
            self._endpoints[f"{row.get('cohort', 'all')}/{row.get('name', '')}"] = number
        self._read_arms()
        for number, (_, row) in enumerate(self._rows("tables", _names(_TABLE))):
            self._put(("table", number), row, _TABLE)
            self._tables[str(row.get("id", ""))] = number
        counts = dict.fromkeys(self._tables, 0)
        for where, row in self._rows("hazard ratios", ("table", *_names(_RATIO))):
            name = _known(row.pop("table", ""), self._tables, where=where, what="table")
            self._put(("table", self._tables[name], "hazard_ratio", counts[name]), row, _RATIO)
            counts[name] += 1
        self._read_rest()

    def _read_arms(self) -> None:
        for _, place, row in self._arm_rows("endpoint arms", _names(_ARM)):
            self.leaves.setdefault(place, {})  # an arm without any number is an arm
            self._put(place, row, _ARM)
        for where, place, row in self._arm_rows("survival", ("time", *_names(_LANDMARK))):
            time = _time(row, where)
            if any(row.get(f"ci {end}") is not None for end in ("from", "to")):
                self._put((*place, "landmarks", time), row, _LANDMARK)
            else:
                self.leaves[*place, "landmarks", time] = _text(row.get("survival", ""))
        for where, place, row in self._arm_rows("at risk", ("time", "n")):
            self.leaves[*place, "at_risk", _time(row, where)] = _whole(row.get("n"))

    def _arm_rows(
        self, sheet: str, headings: Iterable[str]
    ) -> Iterator[tuple[str, Place, dict[str, Any]]]:
        for where, row in self._rows(sheet, ("endpoint", "arm", *headings)):
            key = _known(row.pop("endpoint", ""), self._endpoints, where=where, what="endpoint")
            arm = str(row.pop("arm", ""))
            yield where, ("endpoint", self._endpoints[key], "arms", arm), row

    def _read_rest(self) -> None:
        keys = [f"key {i + 1}" for i in range(_DEEPEST)]
        for where, row in self._rows("everything else", (*keys, "value")):
            steps = [row[key] for key in keys if key in row]
            if not steps:
                raise WorkbookFault(f"{where}: it has a value and no key.")
            place = tuple(step - 1 if isinstance(step, int) else str(step) for step in steps)
            if place[-1] == "ci_level" and isinstance(self.leaves.get(place[:-1]), str):
                self.leaves[*place[:-1], "survival"] = self.leaves.pop(place[:-1])
            self.leaves[place] = {} if row.get("value") == _EMPTY else row.get("value", "")

    def _put(self, place: Place, row: Mapping[str, Any], columns: Iterable[_Column]) -> None:
        for column in columns:
            if (value := row.get(column.name)) is None:
                continue
            at = (*place, *column.place)
            if column.place[-1] == 0 and f"{column.name.removesuffix(' from')} to" not in row:
                at = at[:-1]  # "0.78 to 1.89" in one cell
            self.leaves[at] = _whole(value) if column.whole else _text(value)

    def _rows(self, name: str, headings: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield where each row is and its cells by heading, without empty cells and rows."""
        self.asked.append(name)
        sheet = self._sheets.get(name)
        if sheet is None:
            return
        known = list(headings)
        if sheet.max_row > _MOST_ROWS:
            raise WorkbookFault(f"Sheet {name}: it has more than {_MOST_ROWS:,} rows.")
        cells = sheet.iter_rows()
        found = [str(cell.value or "").strip() for cell in next(cells, ())]
        for heading in filter(None, found):
            if heading not in known:
                raise WorkbookFault(
                    f"Sheet {name}: there is no column {heading!r}; it has {', '.join(known)}."
                )
        for number, row in enumerate(cells, start=2):
            _refuse_errors(name, row)
            values = {
                heading: value
                for heading, cell in zip(found, row, strict=True)
                if heading and (value := cell_value(cell)) is not None
            }
            if values:
                yield f"Sheet {name}, row {number}", values


def _refuse_errors(sheet: str, row: Iterable[Any]) -> None:
    for cell in row:
        if cell.data_type == "e":
            raise WorkbookFault(
                f"Sheet {sheet}, cell {cell.coordinate}: it has the error {cell.value}; mend its "
                "formula, or clear the cell."
            )


def _text(value: Any) -> Any:
    """Return a number as text, as a study file has the numbers of a paper."""
    return value if isinstance(value, bool) else str(value)


def _whole(value: Any) -> Any:
    text = str(value).removesuffix(".0")
    return int(text) if text.isdecimal() and text.isascii() else value


def _time(row: dict[str, Any], where: str) -> str:
    if (time := row.pop("time", None)) is None:
        raise WorkbookFault(f"{where}: it has no time.")
    return str(time).removesuffix(".0")


def _known(name: object, known: Mapping[str, int], *, where: str, what: str) -> str:
    text = str(name) if "/" in str(name) or what != "endpoint" else f"all/{name}"
    if text not in known:
        raise WorkbookFault(
            f"{where}: the sheet {what}s has no {str(name)!r}; it has {', '.join(known) or 'none'}."
        )
    return text


def _nested(leaves: Leaves) -> Any:
    """Return the mappings and lists that have these leaves."""
    if set(leaves) == {()}:
        return leaves[()]
    groups: dict[str | int, Leaves] = {}
    for place, value in leaves.items():
        if place:
            groups.setdefault(place[0], {})[place[1:]] = value
    if all(isinstance(step, int) for step in groups):
        return [_nested(groups[step]) for step in sorted(groups, key=int)]
    return {str(step): _nested(below) for step, below in groups.items()}


def toml_text(content: Mapping[str, Any]) -> str:
    """Return a study file with these keys and values.

    Raises
    ------
    ExcelSupportMissing
        If tomli-w is not installed.
    """
    try:
        import tomli_w
    except ImportError as error:
        raise ExcelSupportMissing(
            "Writing study files needs tomli-w, which is not installed: pip install "
            "'kmrepro[excel]'."
        ) from error
    return tomli_w.dumps(content)
