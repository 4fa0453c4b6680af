"""`import kmrepro`: what it offers, and how little it loads."""

import subprocess
import sys

import pytest

import kmrepro as km

HEAVY = ("numpy", "pandas", "scipy", "matplotlib", "lifelines", "pydantic", "jinja2", "rich")


def python(code: str) -> str:
    """Run a program in a fresh interpreter and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import kmrepro", id="import"),
        pytest.param("import kmrepro; kmrepro.__version__; dir(kmrepro)", id="version"),
        pytest.param(
            "from kmrepro.cli import main; main(['--help'], standalone_mode=False)", id="help"
        ),
        pytest.param(
            "from kmrepro.cli import main\n"
            "for name in main.commands: main([name, '--help'], standalone_mode=False)",
            id="help of every command",
        ),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_used(code: str) -> None:
    """Importing the package and asking for help load no numerical or drawing library."""
    loaded = python(f"{code}\nimport sys; print(*sorted(sys.modules))").split()
    assert not set(HEAVY) & set(loaded)


NUMERICAL = ("numpy", "pandas", "scipy", "lifelines")
DRAWING = ("matplotlib", "PIL", "jinja2")


@pytest.mark.parametrize(
    ("command", "spared"),
    [
        pytest.param(["list"], (*NUMERICAL, *DRAWING), id="list"),
        pytest.param(["show", "an2025"], (*NUMERICAL, *DRAWING), id="show"),
        pytest.param(["schema", "study"], (*NUMERICAL, *DRAWING), id="schema"),
        pytest.param(["audit", "an2025"], ("pandas", "lifelines", *DRAWING), id="audit"),
    ],
)
def test_commands_load_only_what_they_use(command: list[str], spared: tuple[str, ...]) -> None:
    """Tables of a study need no numerical library, and an audit that prints needs no figures."""
    run = f"from kmrepro.cli import main; main({command}, standalone_mode=False)"
    loaded = python(f"{run}\nimport sys; print(*sorted(sys.modules))").splitlines()[-1].split()
    assert not set(spared) & set(loaded)


def test_files_of_analyses_need_no_figures_until_they_are_drawn() -> None:
    """What `extrapolate`, `pool` and `audit` load to write files draws nothing yet."""
    modules = "kmrepro.analysis_files, kmrepro.results"
    loaded = python(f"import sys, {modules}; print(*sorted(sys.modules))").split()
    assert not set(DRAWING) & set(loaded)


ORDERS = {
    "function first": "import kmrepro as km; km.reconstruct",
    "room first": "from kmrepro.reconstruct import PseudoIPD; import kmrepro as km",
    "room's module first": "import kmrepro.reconstruct.pseudo_ipd; import kmrepro as km",
    "room by import": "import kmrepro.reconstruct; import kmrepro as km",
    "function by name": "from kmrepro import reconstruct; import kmrepro as km",
    "everything": "from kmrepro import *; import kmrepro as km",
    "function, then room": "import kmrepro as km; km.reconstruct; "
    "from kmrepro.reconstruct import PseudoIPD",
    "reloaded": "import importlib, kmrepro as km; km.reconstruct; importlib.reload(km)",
}


def test_reconstruct_is_the_function_in_every_order_of_import() -> None:
    """`km.reconstruct` is the public function, and the room of that name can be imported from.

    Orders are tried in one process, in which what others load is loaded once, and so are modules
    within rooms: names of the package are at stake.
    """
    check = (
        "assert callable(km.reconstruct), km.reconstruct\n"
        "from kmrepro.reconstruct import reconstruct, PseudoIPD\n"
        "assert reconstruct is not km.reconstruct and km.PseudoIPD is PseudoIPD\n"
        "from kmrepro import reconstruct as again\n"
        "assert again is km.reconstruct"
    )
    afresh = "for each in [x for x in sys.modules if x.split('.')[0] == 'kmrepro'"
    afresh += " and x.count('.') < 2]: del sys.modules[each]"
    tried = (f"{afresh}\nprint({name!r})\n{order}\n{check}" for name, order in ORDERS.items())
    assert python("\n".join(["import sys", *tried])).splitlines() == list(ORDERS)


@pytest.mark.parametrize("name", km.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Each name in `__all__` can be had, has a docstring and is listed by `dir`."""
    value = getattr(km, name)
    assert name in dir(km)
    assert name == "__version__" or value.__doc__


def test_what_users_are_promised_is_public() -> None:
    """The names that notebooks are written with stay public."""
    promised = """load_study reconstruct kaplan_meier logrank cox rmst milestone proportionality
    compare analyse reproduce quick_looks PseudoIPD Study Endpoint PrintedNumber StudyFileError
    ReconstructionRefused ContradictionError __version__"""
    assert set(promised.split()) <= set(km.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that is not public is refused as Python does it."""
    with pytest.raises(AttributeError, match="No kmrepro attribute kaplan"):
        km.kaplan  # noqa: B018


def test_no_module_of_the_front_door_is_named_like_a_public_function() -> None:
    """Importing a module of the front door can hide no public name."""
    from importlib.resources import files

    names = [path.name for path in files("kmrepro").iterdir()]
    assert not {name.removesuffix(".py") for name in names if name.endswith(".py")} & set(
        km.__all__
    )


def test_other_attributes_can_still_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the binding of submodules is ignored: a test can replace a public function."""
    monkeypatch.setattr(km, "reproduce", len)
    assert km.reproduce("four") == 4  # type: ignore[arg-type, comparison-overlap]
