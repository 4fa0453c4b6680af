"""Count how often `kmrepro draft` takes a sentence about others for one about the arms.

Usage: python benchmarks/prose_of_others.py [--each 4] [--seed 11]

The texts beside this script are changed, one sentence at a time. Words are put before or behind a
sentence, after which its numbers are of some patients only; or a sentence is put behind it that is
of others, or of a treatment that is no arm, with numbers that the text does not have. Counted are
the changed texts of which such a number is drafted all the same. A number that the text has twice
is not looked for, as nothing tells where it was found.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kmrepro.studies.drafting import DraftRefused, draft_study

HERE = Path(__file__).parent
FOLDERS = "prose_texts", "prose_unseen"
BEFORE = (
    "In boys, ", "Among octogenarians, ", "In patients on insulin, ", "For left-sided tumours, ",
    "In the modified per-protocol analysis, ", "In the North American sites, ",
    "In obese patients, ", "Among Black participants, ", "In triple-negative disease, ",
    "In anuric patients, ",
    "For grafts from older donors, ", "In recurrent disease, ",
    "When early deaths were left out, ",
    "In the pilot phase, ", "Among those without cirrhosis, ", "In cemented stems, ",
    "In the 88 patients who crossed over, ", "Among patients treated before 2005, ",
)  # fmt: skip
BEHIND = (
    " in men", " in patients under dialysis", " in those with two or more nodules",
    " among diabetics", " for node-negative disease", " in the oldest quartile",
    " for upper-lobe tumours",
)  # fmt: skip
BETWEEN = (
    "The presence of ascites doubled the risk of death (HR 2.069, 95% CI 1.319-3.241).",
    "Against oxaliplatin, there was an HR for death of 0.628 (95% CI 0.449-0.881).",
    "For every additional comorbidity, the hazard of death increased (HR 1.387; 1.129-1.703).",
    "Median overall survival was 5.37 months after salvage surgery.",
    "In octogenarians, median overall survival was 5.37 and 3.94 months.",
    "Tumours above 5 cm had a 5-year overall survival of 38.67%, against 57.13% for smaller ones.",
    "Survival at 5 years was 38.67% and 31.29% in recurrent disease.",
    "Receipt of subsequent therapy was associated with longer survival (HR 0.487, 0.353-0.667).",
    "In the oldest quartile, overall survival was poor. It was a median of 5.37 and 3.94 months.",
)
SENTENCE = re.compile(r"[^\s].*?[.](?=\s+[A-Z]|\s*$)", re.DOTALL)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
VALUE = re.compile(r'"[<>]?(\d+(?:\.\d+)?)%?"')
LOWER = re.compile(r"(?:Median|Overall|The|At|After|Survival|Progress|Disease|Patients|There)")


def drafted(text: str) -> set[str]:
    """Return the numbers of the study file that a text gives, none where it is refused."""
    try:
        lines = draft_study(text).text.splitlines()
    except DraftRefused:
        return set()
    return {value for line in lines for value in VALUE.findall(line.split("#")[0])}


def changed(text: str, sentence: str, rng: random.Random) -> tuple[str, str, str]:
    """Return what was done, the changed text, and the words whose numbers are of others."""
    kind = rng.choice(("before", "behind", "between"))
    if kind == "between":
        others = rng.choice(BETWEEN)
        return kind, text.replace(sentence, f"{sentence} {others}", 1), others
    made = f"{sentence[:-1]}{rng.choice(BEHIND)}."
    if kind == "before":
        lower = LOWER.match(sentence) is not None
        made = rng.choice(BEFORE) + (sentence[0].lower() if lower else sentence[0]) + sentence[1:]
    return kind, text.replace(sentence, made, 1), sentence


def outcomes(text: str, each: int, rng: random.Random) -> Iterator[tuple[str, bool]]:
    """Yield what was done to a text, and whether a number of others was drafted."""
    own = Counter(NUMBER.findall(text))
    known = drafted(text)
    sentences = [
        found
        for found in SENTENCE.findall(text)
        if ";" not in found and any(own[n] == 1 and n in known for n in NUMBER.findall(found))
    ]
    for _ in range(each if sentences else 0):
        sentence = rng.choice(sentences)
        kind, made, others = changed(text, sentence, rng)
        theirs = {n for n in NUMBER.findall(others) if own[n] == (kind != "between")}
        yield kind, bool(theirs & drafted(made))


def main() -> None:
    """Change every text, and print how many give numbers of others."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=4, help="changes of each text")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    counts: Counter[tuple[str, bool]] = Counter()
    for path in sorted(path for folder in FOLDERS for path in (HERE / folder).glob("*.txt")):
        counts.update(outcomes(path.read_text(encoding="utf-8"), options.each, rng))
    for kind in ("before", "behind", "between"):
        wrong, right = counts[kind, True], counts[kind, False]
        every = wrong + right
        print(f"{kind:8} {every:5} texts, {wrong:4} with numbers of others {wrong / every:6.1%}")


if __name__ == "__main__":
    main()
