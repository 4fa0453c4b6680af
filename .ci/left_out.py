"""Print what a run of the tests left out, one place a line, so that `pytest @FILE` runs just that.

python .ci/left_out.py JUNIT, which pytest wrote with --junitxml=JUNIT -o junit_family=xunit1.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree


def places(report: Path) -> set[str]:
    """Return the tests that were left out, and the files and folders that were left out whole."""
    found = set()
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("skipped") is not None:
            whole = not case.get("classname") or "line" not in case.attrib
            found.add(
                case.attrib["file"] if whole else f"{case.attrib['file']}::{case.get('name')}"
            )
    return found


if __name__ == "__main__":
    print(*sorted(places(Path(sys.argv[1]))), sep="\n")
