# ruff: noqa: E501 - a sentence reads better on one line
"""Count the numbers of simulated sentences that `kmrepro draft` reads, by their form.

python benchmarks/prose_simulated.py --texts 2000 --first 1

An abstract is an opening, which says who was treated with what or nothing of it, and one sentence
of results in one of the forms of medical English, with arms, endpoints and numbers at random,
among up to three sentences with other numbers. They never run out, so that what is read of plain
sentences can be measured on new ones; what is read of real texts, whose forms are many more, is in
docs/drafting.md.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from prose import compared

ARMS = [
    ("docetaxel", "best supportive care"), ("surgery", "radiotherapy"),
    ("pembrolizumab", "chemotherapy"), ("FOLFIRINOX", "gemcitabine"), ("olaparib", "placebo"),
    ("nivolumab plus ipilimumab", "sunitinib"), ("stereotactic body radiotherapy", "lobectomy"),
    ("hepatic resection", "radiofrequency ablation"), ("early surgery", "conservative treatment"),
    ("allogeneic transplantation", "chemotherapy"), ("neoadjuvant chemotherapy", "upfront surgery"),
]  # fmt: skip
ENDPOINTS = {
    "OS": "overall survival", "PFS": "progression-free survival", "DFS": "disease-free survival",
    "EFS": "event-free survival", "RFS": "recurrence-free survival",
}  # fmt: skip
DISEASES = [
    "advanced gastric cancer", "hepatocellular carcinoma", "metastatic melanoma",
    "acute myeloid leukemia", "stage III colon cancer", "newly diagnosed multiple myeloma",
]  # fmt: skip
SIZED = {
    "randomly assigned": "We randomly assigned {N} patients with {D} to receive {A} (n = {n}) or {B} (n = {m}). ",
    "were randomized": "A total of {N} patients with {D} were randomized to {A} (n={n}) or {B} (n={m}). ",
    "of N": "Of {N} patients with {D}, {n} received {A} and {m} received {B}. ",
    "reviewed": "We reviewed {N} patients with {D} treated with {A} ({n} patients) or {B} ({m} patients). ",
    "enrolled": "Between March 2012 and June 2016, {N} patients were enrolled and assigned to {A} ({n}) or {B} ({m}). ",
}  # fmt: skip
BARE = {
    "none": "",
    "compared": "In this phase 3 trial, {A} was compared with {B} in patients with {D}. ",
}
MEDIANS = "Median overall survival was {a} months with {A} and {b} months with {B}."
# A sentence, and what it reports: medians, survival at 5 years or at 1, 3 and 5, ratio, p, ...
OF_ONE = {
    "in the A group": ("Median {E} was {a} months in the {A} group and {b} months in the {B} group (hazard ratio, {h}; 95% CI, {l} to {u}; P = {p}).", "median ratio p"),
    "semicolons": ("Median {E} was {a} months [95% CI: {a_low}; {a_high}] with {A} and {b} months [95% CI: {b_low}; {b_high}] with {B} (HR {h} [{l}; {u}]).", "median intervals ratio"),
    "with A": ("Median {E} was {a} months (95% CI, {a_low}-{a_high}) with {A} and {b} months (95% CI, {b_low}-{b_high}) with {B} (HR, {h}; 95% CI, {l}-{u}; P = {p}).", "median intervals ratio p"),
    "for A and B": ("Median {E} was {a} vs {b} months for {A} and {B}, respectively (HR {h}, 95% CI {l}-{u}, p={p}).", "median ratio p"),
    "improved": ("{A} significantly improved {E} compared with {B} (median, {a} v {b} months; HR, {h}; 95% CI, {l} to {u}; P = {p}).", "median ratio p"),
    "receiving": ("Patients receiving {A} had a median {E} of {a} months compared with {b} months for those receiving {B} (HR {h} [95% CI {l}-{u}]; p={p}).", "median ratio p"),
    "longer": ("{E} was longer with {A} than with {B} (median {a} months versus {b} months; hazard ratio {h}; 95% CI {l}-{u}; p={p}).", "median ratio p"),
    "times": ("Median {E} times were {a} months and {b} months in the {A} and {B} groups, respectively (p = {p}).", "median p"),
    "as compared": ("The median {E} in the {A} group was {a} months, as compared with {b} months in the {B} group (hazard ratio, {h}; 95% confidence interval [CI], {l} to {u}; P={p}).", "median ratio p"),
    "rate": ("The 5-year {E} rate was {x}% in the {A} group and {y}% in the {B} group (P = {p}).", "survival p"),
    "at years": ("{E} at 5 years was {x}% with {A} and {y}% with {B} (HR, {h}; 95% CI, {l} to {u}; P = {p}).", "survival ratio p"),
    "list of times": ("The 1-, 3-, and 5-year {E} rates were {x1}%, {x3}%, and {x}% in the {A} group and {y1}%, {y3}%, and {y}% in the {B} group, respectively (P = {p}).", "survivals p"),
    "cumulative": ("The cumulative {E} rates at 1, 3 and 5 years were {x1}%, {x3}% and {x}% for {A} and {y1}%, {y3}% and {y}% for {B} (p={p}).", "survivals p"),
    "vs, respectively": ("5-year {E} was {x}% vs {y}% for {A} and {B}, respectively.", "survival"),
    "estimated": ("The estimated {E} at 60 months was {x}% in the {A} group, as compared with {y}% in the {B} group.", "survival"),
    "better": ("Patients treated with {A} had better 5-year {E} than those treated with {B} ({x}% vs {y}%; p={p}).", "survival p"),
    "after": ("At 5 years, {E} was {x}% after {A} and {y}% after {B} (hazard ratio {h}, 95% CI {l}-{u}).", "survival ratio"),
}  # fmt: skip
OF_ALL = {
    "deaths among": ("There were {d} deaths among {n} patients in the {A} group and {g} among {m} in the {B} group. " + MEDIANS, "events median"),
    "had died": ("{d} of {n} patients ({dp}%) in the {A} group and {g} of {m} ({gp}%) in the {B} group had died. " + MEDIANS, "events median"),
    "death occurred": ("Death occurred in {d} patients ({dp}%) assigned to {A} and in {g} patients ({gp}%) assigned to {B} (hazard ratio, {h}; 95% CI, {l} to {u}; P = {p}). " + MEDIANS, "events median ratio p"),
    "total of deaths": ("A total of {dg} deaths occurred: {d} with {A} and {g} with {B}. " + MEDIANS, "events median"),
    "reduced the risk": ("{A} reduced the risk of death by {r}% compared with {B} (hazard ratio, {h}; 95% CI, {l} to {u}; P = {p}). " + MEDIANS, "median ratio p"),
    "ratio with A": ("The hazard ratio for death with {A} as compared with {B} was {h} (95% CI, {l} to {u}; P = {p}). " + MEDIANS, "median ratio p"),
    "associated": ("Compared with {B}, {A} was associated with longer overall survival (HR {h}; 95% CI {l}-{u}; p = {p}). " + MEDIANS, "median ratio p"),
    "favored": ("Overall survival favored {A} over {B} (HR, {h} [95% CI, {l}-{u}]; P = {p}). " + MEDIANS, "median ratio p"),
    "follow-up": ("With a median follow-up of {f} months (IQR 12.2-88.4), median overall survival was {a} months in the {A} group and {b} months in the {B} group.", "median follow-up"),
    "not reached": ("Median overall survival was not reached in the {A} group and was {b} months in the {B} group (HR, {h}; 95% CI, {l} to {u}).", "unreached ratio"),
    "the other first": ("In the {B} group median overall survival was {b} months, whereas it was {a} months in the {A} group.", "median"),
    "shorter": ("Overall survival was significantly shorter in the {B} group than in the {A} group (median {b} vs {a} months; P = {p}).", "median p"),
    "alive": ("At 5 years, {x}% of patients in the {A} group were alive, as compared with {y}% in the {B} group.", "survival"),
    "in words": ("Five-year overall survival was {x}% (SE, 3%) for {A} and {y}% (SE, 3%) for {B} (log-rank P = {p}).", "survival p"),
    "difference": ("Overall survival at 5 years was {x}% with {A} and {y}% with {B}, for a {r}% difference in the relative risk of death (hazard ratio, {h}; 95% CI, {l} to {u}; P = {p}).", "survival ratio p"),
}  # fmt: skip
WHOLE = {
    "in N patients": ("In {N} patients with {D}, median {E} was {a} months with {A} (n = {n}) and {b} months with {B} (n = {m}).", "n median"),
    "among N patients": ("Among {N} patients with {D}, {E} at 5 years was {x}% after {A} (n = {n}) and {y}% after {B} (n = {m}).", "n survival"),
    "named again": ("Median {E} in the {A} and {B} groups was {a} and {b} months, respectively ({B}, n={m}; {A}, n={n}).", "n median"),
    "counted behind": ("{E} at 5 years was {x}% with {A} and {y}% with {B} ({B} n = {m}, {A} n = {n}).", "n survival"),
    "than": ("Median {E} was {a} months in the {A} group (n = {n}), significantly longer than {b} months in the {B} group (n = {m}; P = {p}).", "n median p"),
    "months behind": ("Median {E} was {a} [95% CI: {a_low}; {a_high}] months with {A} (n={n}) and {b} [95% CI: {b_low}; {b_high}] months with {B} (n={m}).", "n median intervals"),
}  # fmt: skip
OTHERS = [
    "The median age was {q} years (range, 34-81), and {r}% were men. ",
    "The objective response rate was {r}% with {A} and {k}% with {B} (P = 0.02). ",
    "Grade 3 or higher adverse events occurred in {r}% of patients in the {A} group and {k}% in the {B} group. ",
    "In patients younger than 65 years, median overall survival was {q} months with {A} and {k} months with {B}. ",
    "The median duration of response was {k} months and {i} months, respectively. ",
    "In a previous trial, median overall survival was {q} months with {A} and {k} months with {B}. ",
    "The trial was designed to detect a hazard ratio of 0.70 with {k}0 events and a power of 80%. ",
    "Treatment was discontinued because of toxicity in {k} patients ({i}%) and {i} patients ({k}%), respectively. ",
    "The 30-day mortality was {i}% in the {A} group and {k}% in the {B} group. ",
    "Quality of life at 12 months was similar (mean difference, {i} points; P = 0.44). ",
]


def simulated(rng: random.Random) -> tuple[str, str, str, dict[str, Any]]:
    """Return a text, the names of its opening and of its form, and what is true of it."""
    forms = rng.choice([OF_ONE, OF_ALL, WHOLE])
    form, (sentence, reports) = rng.choice(list(forms.items()))
    openings = {"none": ""} if forms is WHOLE else SIZED if forms is OF_ALL else SIZED | BARE
    opening, begins = rng.choice(list(openings.items()))
    name = "OS" if forms is OF_ALL else rng.choice(list(ENDPOINTS))
    said = _facts(rng) | {"E": ENDPOINTS[name]}
    words = sentence.format(**said)
    parts = [words[:1].upper() + words[1:] + " "]
    for other in rng.sample(OTHERS, rng.randint(0, 3)):
        parts.insert(rng.randint(0, len(parts)), other.format(**said))
    text = begins.format(**said) + "".join(parts)
    sized = " n" if opening in SIZED else ""
    truth = _truth(said, set(f"{reports}{sized}".split()), name)
    return text, opening, form, truth


def _facts(rng: random.Random) -> dict[str, Any]:
    """Return the numbers of a trial in which the first arm fares better."""
    first, second = rng.choice(ARMS)
    n = rng.randint(60, 400)
    m = n + rng.randint(-20, 20)
    a, h, x = rng.uniform(8, 40), rng.uniform(0.5, 0.76), rng.randint(45, 80)
    b, y = a * rng.uniform(0.5, 0.9), x - rng.randint(4, 25)
    d, g = int(0.35 * n), int(0.48 * m)
    medians = {
        "a": a, "a_low": 0.8 * a, "a_high": 1.3 * a, "b": b, "b_low": 0.8 * b, "b_high": 1.3 * b,
    }  # fmt: skip
    return {
        "A": first, "B": second, "D": rng.choice(DISEASES), "N": n + m, "n": n, "m": m,
        **{key: f"{value:.1f}" for key, value in medians.items()},
        "h": f"{h:.2f}", "l": f"{0.75 * h:.2f}", "u": f"{1.3 * h:.2f}", "r": round(100 * (1 - h)),
        "p": rng.choice(["0.001", "0.012", "0.034", "0.0005"]), "f": f"{rng.uniform(30, 60):.1f}",
        "x": x, "x1": x + 18, "x3": x + 8, "y": y, "y1": y + 18, "y3": y + 8,
        "q": rng.randint(51, 68), "k": rng.randint(13, 19), "i": rng.randint(3, 9),
        "d": d, "g": g, "dg": d + g, "dp": f"{100 * d / n:.1f}", "gp": f"{100 * g / m:.1f}",
    }  # fmt: skip


def _truth(said: dict[str, Any], reports: set[str], name: str) -> dict[str, Any]:
    """Return what a text with these facts reports, as `benchmarks/prose.py` reads it."""
    arms = []
    for label, n, events, median, height in (("A", "n", "d", "a", "x"), ("B", "m", "g", "b", "y")):
        times = {"1": "12", "3": "36", "": "60"} if "survivals" in reports else {"": "60"}
        arm: dict[str, Any] = {"label": said[label]}
        if "n" in reports:
            arm["n"] = said[n]
        if "events" in reports:
            arm["events"] = said[events]
        if reports & {"median", "unreached"}:
            arm["median"] = "NR" if "unreached" in reports and label == "A" else said[median]
        if "intervals" in reports:
            arm["median_ci"] = [said[f"{median}_low"], said[f"{median}_high"]]
        if reports & {"survival", "survivals"}:
            arm["landmarks"] = {when: f"{said[height + key]}%" for key, when in times.items()}
        if "follow-up" in reports:
            arm["follow_up_median"] = said["f"]
        arms.append(arm)
    reported: dict[str, Any] = {"p": said["p"]} if "p" in reports else {}
    if "ratio" in reports:
        reported |= {"hazard_ratio": said["h"], "ci": [said["l"], said["u"]]}
    of = {"name": name, "aka": [ENDPOINTS[name]], "time_unit": "months", "arms": arms}
    return {"endpoints": [of | {"reference": said["B"], "reported": reported}]}


def main() -> None:
    """Read simulated texts, and print what was read of each form and opening, the worst first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1, help="seed")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rng = random.Random(options.first)
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        for _ in range(options.texts):
            text, opening, form, truth = simulated(rng)
            path.write_text(text, encoding="utf-8")
            found = Counter(what for _, what, _ in compared(path, truth))
            for key in ("all", f"opening: {opening}", f"form: {form}"):
                counts.setdefault(key, Counter()).update(found)
    share = {key: each["right"] / max(each["expected"], 1) for key, each in counts.items()}
    print(f"{'':28} {'expected':>8} {'right':>6} {'wrong':>6} {'found':>7}")
    for key in sorted(counts, key=lambda key: (key != "all", share[key])):
        each = counts[key]
        print(
            f"{key:28} {each['expected']:8} {each['right']:6} {each['wrong']:6} {share[key]:7.1%}"
        )
    if options.json:
        options.json.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
