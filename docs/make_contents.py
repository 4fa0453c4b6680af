"""Write the list of bundled papers that `kmrepro list` shows, from their study files.

python docs/make_contents.py
"""

from __future__ import annotations

import json
from pathlib import Path

from kmrepro import bundled_ids, load_study
from kmrepro.studies.papers import CONTENTS, contents_of

FILE = Path(__file__).resolve().parents[1] / "studies" / "papers" / CONTENTS


def main() -> None:
    """Write the file."""
    contents = contents_of(load_study(name) for name in bundled_ids())
    text = json.dumps(contents, ensure_ascii=False, indent=2)
    FILE.write_text(text + "\n", encoding="utf-8")
    print(f"Wrote {FILE}.")


if __name__ == "__main__":
    main()
