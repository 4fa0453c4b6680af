"""The public names of the package, and what they return, for mkdocstrings to describe."""

from __future__ import annotations

import kmrepro as km
from kmrepro import models


def names(listed: str) -> str:
    """Return a directive for each of the names, under the name that a user types."""
    return "\n\n".join(map(_directive, listed.replace(",", " ").split()))


def _directive(name: str) -> str:
    """Return the directive of a public name, or of a class whose values are returned."""
    public = name in km.__all__
    value = getattr(km if public else models, name)
    return (
        f"::: {value.__module__}.{value.__qualname__}\n"
        "    options:\n"
        f"      heading: {'km.' if public else ''}{name}\n"
        f"      toc_label: {name}\n"
        "      filters: ['!^_', '!^model_']"  # pydantic's own names start with model_
    )
