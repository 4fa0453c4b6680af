"""The public names of the package, for mkdocstrings to describe."""

from __future__ import annotations

import kmrepro as km


def names(listed: str) -> str:
    """Return a directive for each of the names, under the name that a user types."""
    return "\n\n".join(map(_directive, listed.replace(",", " ").split()))


def _directive(name: str) -> str:
    value = getattr(km, name)
    kind = "class" if isinstance(value, type) else "function"
    return (
        f"::: {value.__module__}.{value.__qualname__}\n"
        "    options:\n"
        f"      heading: km.{name}\n"
        f"      toc_label: {name}\n"
        f"      filters: ['!^_', '!^model_']\n"
        f"      merge_init_into_class: false\n"
    ) + ("" if kind == "function" else "      show_root_heading: true\n")
