"""The bundled studies, from their files."""

from __future__ import annotations

import kmrepro as km


def papers(_: str) -> str:
    """Return a section for every bundled study."""
    return "\n\n".join(_section(km.load_study(name)) for name in km.bundled_ids())


def _section(study: km.Study) -> str:
    """Return what one bundled study holds."""
    about = [study.title, study.citation, f"doi:{study.doi}" if study.doi else ""]
    rows = [
        f"| `{endpoint.key}` | {endpoint.label or endpoint.name} | {_arms(endpoint)} |"
        for endpoint in study.endpoints
    ]
    return "\n".join(
        [
            f"## {study.id}",
            "",
            ". ".join(part.rstrip(".") for part in about if part) + ".",
            "",
            f"[The study file](papers/{study.id}.toml)",
            "",
            "| endpoint | | arms (patients) |",
            "|---|---|---|",
            *rows,
        ]
    )


def _arms(endpoint: km.Endpoint) -> str:
    return ", ".join(
        f"{name} ({arm.n if arm.n is not None else 'not printed'})"
        for name, arm in endpoint.arms.items()
    )
