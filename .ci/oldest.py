"""Print the oldest versions that pyproject.toml allows, as constraints for pip.

python .ci/oldest.py [EXTRA ...], from the root of the repository.
"""

import re
import sys
import tomllib
from pathlib import Path


def main(*extras: str) -> None:
    """Print name==version for every requirement of the project and of some extras."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [project["optional-dependencies"][extra] for extra in extras]
    for requirement in sum(named, project["dependencies"]):
        found = re.match(r"([\w.-]+)(?:\[.*\])?>=([\w.]+)", requirement)
        if not found:
            raise SystemExit(f"pyproject.toml: {requirement!r} names no oldest version")
        print(f"{found[1]}=={found[2]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
