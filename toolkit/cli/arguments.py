"""What the commands take: a study, endpoints of it, and where results go."""

from __future__ import annotations

import difflib
import functools
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from click.shell_completion import CompletionItem

from ..defaults import DRAWS, FORMATS, MOST_DRAWS, P_STYLES, PANEL_LETTERS, SEED, STYLES
from .terminal import FORM, QUIET

if TYPE_CHECKING:
    from click import ParamType

    from ..figures.style import Width
    from ..studies import Endpoint, Study, StudyFileError
else:

    class ParamType(click.ParamType):
        """A type that names what it gives, also before click 8.4, where it has no parameter."""

        def __class_getitem__(cls, _: object) -> type:
            return cls


__all__ = [
    "ParamType",
    "StudyArgument",
    "TimeAbove0",
    "accept_misfit",
    "as_json",
    "checked_argument",
    "choose",
    "dpi",
    "draws",
    "font",
    "force",
    "formats",
    "in_file",
    "informed",
    "markup",
    "only",
    "out_folder",
    "p_style",
    "panel_letters",
    "quiet",
    "read_study_argument",
    "seed",
    "source_argument",
    "study_argument",
    "style",
    "width",
]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class StudyArgument:
    """A study that was read, and the file it was read from; None if it is a bundled one."""

    study: Study
    path: Path | None

    @property
    def name(self) -> str:
        """What to call the study in a message: its file, or its id."""
        return self.study.id if self.path is None else str(self.path)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that results must not take the place of."""
        return () if self.path is None else (self.path,)


class TimeAbove0(click.FloatRange):
    """A time above 0 that is finite; click lets "nan" and "inf" through every range."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the time."""
        time: float = super().convert(value, param, ctx)
        if not math.isfinite(time):
            self.fail(f"{value} is not a time: write a number above 0.", param, ctx)
        return time


class NoneOrSeveral(click.IntRange):
    """A number of draws that are combined: one has no variance between draws."""

    def __init__(self) -> None:
        """Allow 0, and from 2 on what can be drawn."""
        super().__init__(0, MOST_DRAWS)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; refuse 1."""
        number = int(super().convert(value, param, ctx))
        if number == 1:
            self.fail(
                "one draw has no variance between draws, which is what the reconstruction adds; "
                "give 0 for none, or at least 2.",
                param,
                ctx,
            )
        return number


def _read_font(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the name of a font; one that is not installed is wrong usage."""
    if not value:
        return value
    from ..figures.style import Look

    try:
        _ = Look(name="journal", font=value).fonts
    except ValueError as error:
        raise click.BadParameter(str(error), ctx=ctx, param=param) from error
    return value


def _read_width(ctx: click.Context, param: click.Parameter, value: str | None) -> Width | None:
    """Read "column", "page" or a number of mm; a width that figures do not have is wrong usage."""
    if value is None:
        return None
    from ..figures.style import inches_of

    try:
        width: Any = value if value in ("column", "page") else float(value)
    except ValueError:
        message = f"{value!r} is not column, page, or a number of mm like 120."
        raise click.BadParameter(message, ctx=ctx, param=param) from None
    try:
        inches_of(width, usual=0.0)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx=ctx, param=param) from error
    return cast("Width", width)


def _read(ctx: click.Context, param: click.Parameter, value: str) -> StudyArgument:
    """Read the study; a name that is neither an id nor a path is wrong usage."""
    from ..studies import StudyFileError, bundled_ids, load_study

    path = None if value in bundled_ids() else Path(value)
    try:
        return StudyArgument(load_study(value), path)
    except StudyFileError as error:
        if path is None or (value and os.path.lexists(path)):
            raise
        raise click.BadParameter(str(error), ctx=ctx, param=param) from error


def read_study_argument(source: str) -> StudyArgument:
    """Read the study that the argument of the running command names."""
    ctx = click.get_current_context()
    return _read(ctx, next(each for each in ctx.command.params if each.name == "source"), source)


def _read_or_faults(
    ctx: click.Context, param: click.Parameter, value: str
) -> StudyArgument | StudyFileError:
    """Read the study; a file at fault is returned as its faults."""
    from ..studies import StudyFileError

    try:
        return _read(ctx, param, value)
    except StudyFileError as error:
        return error


def in_file(source: StudyArgument, refusal: ValueError) -> click.ClickException:
    """Say of which file something was refused."""
    return click.ClickException(f"{source.name}: {refusal}")


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the ids of the bundled studies, and file names."""
    from ..studies import bundled_ids

    ids = [CompletionItem(name) for name in bundled_ids() if name.startswith(incomplete)]
    return [*ids, CompletionItem(incomplete, type="file")]


def _one_form(ctx: click.Context, param: click.Parameter, wanted: bool) -> bool:
    """Keep the form in which results are reported; two at once are wrong usage."""
    if wanted:
        option = param.opts[0]
        if (other := ctx.meta.setdefault(FORM, option)) != option:
            raise click.UsageError(f"{other} and {option} exclude each other.", ctx=ctx)
    return wanted


def _set_quiet(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    ctx.meta[QUIET] = wanted


def choose(study: Study, keys: tuple[str, ...]) -> tuple[Endpoint, ...]:
    """Return the endpoints with these keys, in the study's order; all if there are no keys.

    Raises
    ------
    click.BadParameter
        If the study has no endpoint with one of the keys.
    """
    known = {endpoint.key: endpoint for endpoint in (*study.endpoints, *_pairs(study))}
    for key in keys:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"It has {', '.join(known)}."
            raise click.BadParameter(
                f"{study.id} has no endpoint {key!r}. {hint}", param_hint="'--only'"
            )
    if not keys:
        return study.endpoints
    return tuple(endpoint for key, endpoint in known.items() if key in keys)


def _pairs(study: Study) -> tuple[Endpoint, ...]:
    """Return the comparisons of pairs that have a key of their own."""
    known = {endpoint.key for endpoint in study.endpoints}
    return tuple(each for each in study.analysed if each.key not in known)


def out_folder(words: str, *, required: bool = False) -> Decorator:
    """Return the option --out of a command that writes a folder."""
    return click.option("--out", type=click.Path(path_type=Path), required=required, help=words)


source_argument: Decorator = click.argument(
    "source", metavar="STUDY|CURVE.csv", shell_complete=_complete
)
study_argument: Decorator = click.argument(
    "source", metavar="STUDY", callback=_read, shell_complete=_complete
)
checked_argument: Decorator = click.argument(
    "source", metavar="STUDY", callback=_read_or_faults, shell_complete=_complete
)
only: Decorator = click.option(
    "--only",
    metavar="COHORT/NAME",
    multiple=True,
    help="Only this endpoint, such as psm/OS. Can be given several times.",
)
draws: Decorator = click.option(
    "--draws",
    type=click.IntRange(0, MOST_DRAWS),
    default=DRAWS,
    show_default=True,
    help="Number of data sets per comparison; 0 draws none.",
)
seed: Decorator = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=SEED,
    show_default=True,
    help="Random seed: the same seed gives the same draws.",
)
informed: Decorator = click.option(
    "--informed",
    is_flag=True,
    help="Condition on the reported hazard ratio, interval and p. The patients then replace "
    "the lost data, and cannot check what is reported.",
)
as_json: Decorator = click.option(
    "--json", "as_json", is_flag=True, callback=_one_form, help="Print JSON, for programs."
)


def markup(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that print tables for a manuscript."""
    for option, what in (("--latex", "LaTeX (booktabs)"), ("--markdown", "Markdown")):
        command = click.option(
            option,
            is_flag=True,
            expose_value=False,
            callback=_one_form,
            help=f"Print the tables in {what}, for a manuscript.",
        )(command)
    return command


quiet: Decorator = click.option(
    "--quiet",
    "-q",
    is_flag=True,
    expose_value=False,
    callback=_set_quiet,
    help="Print no tables and no progress, only refusals, JSON and CSV.",
)
accept_misfit: Decorator = click.option(
    "--accept-misfit",
    is_flag=True,
    help="Write patients even where they miss a digitised curve by more than its reading error.",
)
force: Decorator = click.option(
    "--force",
    is_flag=True,
    help="Write where something is already; what kmrepro did not make is moved aside, not deleted.",
)


def refuse_without_out(out: Path | None, *names: str) -> None:
    """Refuse options of what --out writes where it is not given: they would do nothing."""
    ctx = click.get_current_context()
    flags = {param.name: param.opts[0] for param in ctx.command.params}
    for name in names:
        given = ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if out is None and given:
            raise click.UsageError(
                f"{flags[name]} is for what --out writes; give --out FOLDER too."
            )


def formats(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option --format to a command that writes figures to --out."""

    @functools.wraps(command)
    def checked(*args: Any, **given: Any) -> Any:
        refuse_without_out(given["out"], "formats")
        return command(*args, **given)

    return click.option(
        "--format",
        "formats",
        type=click.Choice(FORMATS),
        multiple=True,
        default=FORMATS,
        show_default=True,
        help="Format of the figures. Can be given several times.",
    )(checked)


def _workers(words: str) -> Decorator:
    return click.option("--workers", type=click.IntRange(1, 512), help=words)


workers: Decorator = _workers(
    "Processes that share the work; by default as many as it is worth, at most 4. The results are "
    "the same."
)
batch_workers: Decorator = _workers("Processes; 1 by default.")
style: Decorator = click.option(
    "--style",
    type=click.Choice(STYLES),
    default="journal",
    show_default=True,
    help="Look of the figures: for print, larger and bolder for a screen, or without colour.",
)
width: Decorator = click.option(
    "--width",
    metavar="[column|page|MM]",
    callback=_read_width,
    help="Width of Kaplan-Meier figures: one column of a journal (85 mm), the two of a page "
    "(178 mm), or so many mm. By default 120, and 178 for several curves together.",
)
font: Decorator = click.option(
    "--font", callback=_read_font, help="An installed font; Arial or one as wide by default."
)
dpi: Decorator = click.option(
    "--dpi", type=click.IntRange(72, 1200), help="Dots per inch of PNG files; 300 by default."
)
p_style: Decorator = click.option(
    "--p-style",
    type=click.Choice(P_STYLES),
    help="How p-values are written in figures.",
)
panel_letters: Decorator = click.option(
    "--panel-letters",
    type=click.Choice(PANEL_LETTERS),
    help="How the panels of a figure are lettered.",
)
