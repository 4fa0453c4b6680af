"""The house: every import points one way, and no module waits for itself."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from .sources import nodes

ROOT = Path(__file__).parent.parent
UPSTREAM = {  # what each room may import
    "presentation": set(),
    "digitise": {"presentation"},
    "studies": {"presentation", "digitise"},
    "audit": {"presentation", "studies"},
    "reconstruct": {"presentation", "studies"},
    "models": {"presentation", "studies", "reconstruct"},
    "figures": {"presentation", "studies", "audit", "reconstruct", "models", "digitise"},
}
ROOMS = [room for room in UPSTREAM if (ROOT / room).is_dir()]


def dotted(path: Path) -> str:
    """Return the installed name of a module, such as ``kmrepro.studies.study``."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[0] == "toolkit":
        parts = parts[1:]
    return ".".join(["kmrepro", *parts]).removesuffix(".__init__")


MODULES = {
    dotted(path): path
    for room in [*ROOMS, "toolkit"]
    for path in (ROOT / room).rglob("*.py")
    if path.name != "__main__.py"
}


def statements(path: Path) -> list[tuple[str, str]]:
    """Return every ``from module import name``, wherever it stands, lazy and typing-only too."""
    package = dotted(path).split(".")
    if path.stem != "__init__":
        package = package[:-1]
    found = []
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found += [(module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
    return [(module, name) for module, name in found if module.split(".")[0] == "kmrepro"]


@cache
def home(module: str, name: str) -> str:
    """Return the module that holds a name, following the stubs of packages."""
    if f"{module}.{name}" in MODULES and not public_home(module, name):
        return f"{module}.{name}"
    return public_home(module, name) or module


@cache
def public_home(module: str, name: str) -> str | None:
    """Return where a package's stub takes a name from."""
    stub = MODULES[module].with_suffix(".pyi")
    if MODULES[module].stem != "__init__" or not stub.exists():
        return None
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            inner = f"{module}.{node.module}"
            return home(inner, name)
    return None


@cache
def edges() -> dict[str, set[str]]:
    """Return the modules that each module imports from, at any time."""
    graph = {}
    for name, path in MODULES.items():
        lazy_package = path.stem == "__init__"
        targets = {home(module, imported) for module, imported in statements(path)}
        graph[name] = set() if lazy_package else targets - {name}
    return graph


def room_of(module: str) -> str:
    """Return the room of a module; the front door has modules of its own."""
    part = (*module.split("."), "")[1]
    return part if part in UPSTREAM else "toolkit"


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    """A room imports only from rooms upstream of it."""
    back = [
        f"{module} imports {target}"
        for module, targets in edges().items()
        if room_of(module) == room
        for target in sorted(targets)
        if room_of(target) not in {room, *UPSTREAM[room]}
    ]
    assert not back


def test_no_module_waits_for_itself() -> None:
    """There is no circle of imports, not even of lazy or typing-only ones."""
    graph, done, circles = edges(), set(), []

    def visit(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            circles.append(" -> ".join([*path[path.index(module) :], module]))
        elif module not in done:
            for target in sorted(graph.get(module, ())):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())
    assert not circles


def test_the_walk_sees_what_it_looks_for() -> None:
    """The graph holds imports at the top, inside functions and through a room's public names."""
    graph = edges()
    assert (
        "kmrepro.studies.study"
        in graph["kmrepro.reconstruct.pseudo_ipd"] | graph["kmrepro.audit._audit"]
    )
    assert any(room_of(target) == "models" for target in graph["kmrepro.reproduction"])
