"""Execute notebooks, and check that what is stored in them is what they print today.

python .ci/check_notebooks.py NOTEBOOK... ; with --update, store today's output. So many run at a
time as the machine has processors, each in a kernel of its own.

Exponentials of processors with other vector instructions differ in their last bit, and draws then
take other ways, as with another seed. So a notebook says with which it was stored; on others,
numbers that differ by a little are told, not refused.
"""

import asyncio
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbformat import NotebookNode

MOST_BYTES = 600_000
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ALIKE, ROUNDED = 0.15, 0.02  # of a number, and of any, by which it may differ between processors
WIDGET = "application/vnd.jupyter.widget-view+json"


class NotebookError(Exception):
    """A notebook is not as it should be."""


def printed(notebook: NotebookNode) -> list[str]:
    """Return the text that each code cell printed; figures count by being there."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return ["".join(map(_text, cell.outputs)) for cell in cells]


def _text(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return str(output.text)
    if output.output_type == "error":
        raise ValueError(f"a cell failed: {output.ename}: {output.evalue}")
    if any(kind.startswith("image/") for kind in output.data):
        return "<figure>"
    return str(output.data.get("text/plain", ""))


def exponentials() -> str:
    """Return which instructions numpy computes exponentials with on this processor."""
    found = np.lib.introspect.opt_func_info(func_name="^exp$", signature="float64")
    return str(found["exp"]["dd"]["current"])


def alike(old: str, new: str) -> bool:
    """Say whether two outputs differ in some numbers only, and in these by a little."""
    words = [" ".join(NUMBER.sub("#", text).split()) for text in (old, new)]
    if words[0] != words[1]:
        return False
    numbers = (map(float, NUMBER.findall(text)) for text in (old, new))
    pairs = zip(*numbers, strict=True)
    return all(abs(one - other) <= ALIKE * max(one, other) + ROUNDED for one, other in pairs)


async def execute(path: Path) -> NotebookNode:
    """Run a notebook from top to bottom, in a folder with its own files, if it has any, alone.

    They are in a folder beside the notebook that has its name.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        if path.with_suffix("").is_dir():
            shutil.copytree(path.with_suffix(""), Path(folder) / path.stem)
        client = NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        await client.async_execute()
    return notebook


async def check(path: Path, turns: asyncio.Semaphore, *, update: bool) -> None:
    """Execute one notebook when it has its turn, and compare or store."""
    stored = nbformat.read(path, as_version=4)
    async with turns:
        fresh = await execute(path)
    if update:
        nbformat.write(_without_clutter(fresh), path)
        stored = fresh
    elsewhere = stored.metadata.get("exponentials") != exponentials()
    for number, (old, new) in enumerate(zip(printed(stored), printed(fresh), strict=True), start=1):
        if old != new and elsewhere and alike(old, new):
            print(f"{path}, code cell {number}: numbers differ a little from those stored")
        elif old != new:
            raise NotebookError(
                f"{path}, code cell {number}: stored\n{old}\nbut today\n{new}\n"
                f"Store today's output with: python .ci/check_notebooks.py --update {path}"
            )
    if path.stat().st_size > MOST_BYTES:
        raise NotebookError(
            f"{path} has {path.stat().st_size} bytes; at most {MOST_BYTES} are stored"
        )
    print(f"{path}: {len(printed(fresh))} code cells ran and print what is stored")


def _without_clutter(notebook: NotebookNode) -> NotebookNode:
    """Drop what changes from run to run or machine to machine."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "exponentials": exponentials(),
        }
    )
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)  # dead without the kernel that made it
    return notebook


async def main(names: list[str], *, update: bool) -> None:
    """Check all notebooks, and say at the end what is wrong with any."""
    os.environ.pop("MPLBACKEND", None)  # kernels then show figures in their cells, as for users
    turns = asyncio.Semaphore(os.cpu_count() or 1)
    checks = [check(Path(name), turns, update=update) for name in names]
    found = await asyncio.gather(*checks, return_exceptions=True)
    if faults := [_told(*each) for each in zip(names, found, strict=True) if each[1] is not None]:
        raise SystemExit("\n".join(faults))


def _told(name: str, fault: BaseException) -> str:
    """Say what is wrong with a notebook, and with which."""
    if isinstance(fault, NotebookError):
        return str(fault)
    return f"{name}: {type(fault).__name__}: {fault}"


if __name__ == "__main__":
    arguments = [name for name in sys.argv[1:] if name != "--update"]
    asyncio.run(main(arguments, update="--update" in sys.argv))
