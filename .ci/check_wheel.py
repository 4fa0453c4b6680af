"""Check that a wheel holds every file of the rooms, and import every module in it.

python .ci/check_wheel.py WHEEL REPOSITORY, where the wheel is installed.
"""

import importlib
import subprocess
import sys
import zipfile
from pathlib import Path

ROOMS = {
    "toolkit": "kmrepro",
    "presentation": "kmrepro/presentation",
    "digitise": "kmrepro/digitise",
    "studies": "kmrepro/studies",
    "reconstruct": "kmrepro/reconstruct",
    "models": "kmrepro/models",
    "audit": "kmrepro/audit",
    "figures": "kmrepro/figures",
}


def expected(repository: str) -> set[str]:
    """Return where each committed file of the rooms belongs in the wheel."""
    listing = subprocess.run(
        ["git", "-C", repository, "ls-files", *ROOMS], capture_output=True, text=True, check=True
    )
    parts = [name.partition("/") for name in listing.stdout.splitlines()]
    return {f"{ROOMS[room]}/{rest}" for room, _, rest in parts}


def main(wheel: str, repository: str) -> None:
    """Compare the wheel with the repository, then import what it holds."""
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    if packed != (wanted := expected(repository)):
        raise SystemExit(
            f"missing from the wheel: {sorted(wanted - packed)}; "
            f"in the wheel but not committed: {sorted(packed - wanted)}"
        )
    modules = sorted(name for name in packed if name.endswith(".py"))
    for name in modules:
        importlib.import_module(
            name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        )
    found = Path(importlib.import_module("kmrepro").__file__ or "").resolve()
    if found.is_relative_to(Path(repository).resolve()):
        raise SystemExit(f"the modules came from {found}, not from the wheel")
    print(f"{len(packed)} files in the wheel, {len(modules)} modules imported")


if __name__ == "__main__":
    main(*sys.argv[1:])
