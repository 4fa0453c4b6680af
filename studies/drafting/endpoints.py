"""The words for endpoints, events and other outcomes; and primary outcomes that are composites."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import re
from dataclasses import dataclass

from .implants import IMPLANT, implant_name, unmarked_implants

__all__ = [
    "ENDPOINT",
    "EVENT",
    "FULL_NAMES",
    "OF_ONE_CAUSE",
    "OTHER_OUTCOME",
    "OTHER_Y",
    "OWN_OUTCOME",
    "PRIMARY",
    "UNSAID",
    "EndpointName",
    "as_written",
    "composite",
    "endpoint_name",
    "event_endpoint",
    "marked_primary",
    "unmarked",
]

UNSAID = "death or another event"
"""The name of a composite of death and of events that are not known: nothing is read of it."""
OTHER_Y = "\N{LATIN LETTER SMALL CAPITAL Y}"
"""Stands for the y of a "primary outcome" that is a composite of events while a text is read."""
OWN_OUTCOME = "\N{LATIN LETTER SMALL CAPITAL O}"
"""Stands behind the abbreviation of an outcome that a text names itself while it is read."""
PRIMARY = "primary outcome"
"""The name of its endpoint: survival free of it."""


@dataclass(frozen=True)
class EndpointName:
    """An endpoint: short name, name in full, and whether the words say its complement."""

    name: str
    label: str
    complement: bool = False


_FREE_OF = {
    "progression": "PFS", "disease": "DFS", "recurrence": "RFS", "relapse": "RFS",
    "event": "EFS", "metastasis": "MFS", "metastases": "MFS", "leukemia": "LFS",
    "leukaemia": "LFS", "failure": "FFS", "symptom": "SFS", "biochemical": "BFS", "tumor": "DFS",
    "tumour": "DFS",
}  # fmt: skip
_BEFORE_FREE = (
    r"invasive|distant|local|locoregional|loco-regional|regional|extrahepatic|intrahepatic|"
    r"intracranial|biochemical|radiographic|clinical|brain|bone|freedom|systemic|pelvic|"
    r"metastatic|neurologic|biochemical relapse|distant metastasis|invasive breast cancer|"
    r"post-?transplant|GVHD-free,?"
)
_SITES = {"cns": "CNS ", "intracranial": "IC", "locoregional": "LR", "loco-regional": "LR"}
_CAUSES = (
    r"cancer|disease|tumou?r|melanoma|prostate[- ]cancer|breast[- ]cancer|lung[- ]cancer|liver|cause|lymphoma"
    r"|oncologic"
)
_ABBREVIATIONS = (
    r"i?r?PFS|i?r?DFS|RFS|EFS|D?MFS|LFS|CSS|DSS|FFS|LRFS|LRRFS|EPFS|PPS|DDFS|bRFS|BRFS|"
    r"BCSS|PCSM|IDFS|DRFS|TTP|MFS|GRFS|FFP|RRFS|CSFS|TFS|OS"
)
ENDPOINT = re.compile(
    rf"""
    (?:
      {IMPLANT}
    | \b(?P<free>(?:(?P<before>{_BEFORE_FREE})[\s-]+)?
         (?P<of>{"|".join(_FREE_OF)})[\s-]*-?\s*free\b
         (?P<state>(?!\s+survival)(?!,)(?!\s*interval))?
         (?:\s+survival|\s+interval)?)
    | \b(?P<composite>survival\s+free\s+(?:of|from)\s+[a-z][a-z -]{{2,60}}?\s+(?:or|and)\s+(?:[a-z]+\s){{0,3}}?(?:hospitali[sz]ations?|deaths?|events?|transplantation|stroke|failure|recurrences?|relapse|progression))\b
    | \b(?P<spares>survival,?\s+(?:free\s+(?:of|from)|without(?=\s+(?:[a-z]+\s+){{0,2}}?(?:transplantation|dialysis|stroke|amputation)\b))\s+(?!(?:the\s+|any\s+)?(?:invasive|local|distant|disease|progression|recurren|relapse|metasta|event|failure|treatment|primar))
         [a-z][a-z/ -]{{2,70}}?(?=,|\s*[;(\d]|\s+(?:was|were|at|in|with|for|did)\b))
    | \b(?P<other>[a-z]+(?:-[a-z]+)?-free\s+survival)\b
    | \b(?P<without>(?:free(?:dom)?\s+(?:of|from)|without)\s+(?:(?:disease|tumou?r|distant|(?P<invasive>invasive))\s+
             |(?P<failing>(?:biochemical|PSA|clinical)(?:\s+(?:or|and)\s+(?:biochemical|clinical))?)\s+(?=failure))?
         (?P<which>progression|recurrence|relapse|metastas[ei]s|disease|events?|(?:treatment[\s-])?failure))\b
         (?:\s+(?:or|and)\s+(?:from\s+)?death)?
    | \b(?P<spared>(?:free(?:dom)?\s+(?:of|from)|without)\s+(?:the\s+|an?\s+|any\s+)?primar\u028f\s+(?:(?:composite|efficacy)\s+)?(?:outcome|end[\s-]?point)(?:\s+events?)?)\b
    | \b(?P<specific>(?:{_CAUSES}|[a-z]+(?:oma|emia))[\s-](?:specific|related)\s+survival)\b
    | \b(?P<post>post-?progression\s+survival)\b
    | \b(?P<graft>(?:death-censored\s+)?(?:patient[\s/-]+(?:and[\s-]+)?)?(?:renal\s+|kidney\s+|liver\s+)?(?:allo)?graft\s+survival(?:(?:\s+rates?)?\s*[,(]\s*death-censored\b[,)]?)?
         |survival\s+with\s+an?\s+functioning\s+(?:[a-z]+\s+)?(?:allo)?graft)(?!\w)
    | (?<![/-])\b(?P<mortality>(?:(?:all-cause|overall|cumulative|estimated)\s+)*mortality
         (?:\s+from\s+any\s+cause)?(?:\s+rates?)?)\b
    | \b(?P<ttp>time\s+(?:(?:from|since)\s+(?:randomi[sz]ation|enrol\w+|registration|diagnosis|start\s+of\s+treatment)\s+)?(?:to|until)\s+(?:(?:disease|tumou?r|radiologic(?:al)?|radiographic)\s+)?progression)\b
    | \b(?P<overall>(?:overall|total|cumulative\s+overall|patient)\s+survivals?
         |overall(?=(?:,\s+[a-z]+-free)*,?\s+and\s+[a-z]+-free\s+survival\b))\b
    | (?<![A-Za-z])(?:(?P<site>distant|intracranial|CNS|local|loco-?regional|regional|intrahepatic|extrahepatic|invasive|biochemical)[\s-]+(?=[PDR]FS\b))?
      (?P<m>(?-i:m(?=[A-Zir])))?(?P<abbreviation>{_ABBREVIATIONS})(?![A-Za-z])
    | \b(?P<alive>(?:were|was|are|still|remained|patients|proportions?|percentages?|fractions?|being)\s+(?:still\s+)?alive|surviv(?:ed|ing)|lived\s+(?:for\s+)?a(?=\s+median))\b
    | (?<!-free\s)(?<!specific\s)(?<!related\s)(?<!technique\s)(?<!implant\s)(?<!prosthesis\s)(?<!flap\s)(?<!device\s)(?<!cell\s)(?<!relative\s)(?<!net\s)
      \b(?P<bare>survival)\b(?!\s*(?:end[\s-]?points?|analys|curve|benefit|outcome|data|advantage|difference|time\s+ratio
         |function|follow|status|estimates?\s+were|was\s+(?:defined|measured|calculated|estimated\s+by)))
    )
    (?P<abbr>\s*[(\[]\s*(?:m|c)?(?P<short>[A-Za-z0-9-]{{2,7}}(?-i:(?<![a-z]{{3}})))\s*[)\]])?
    """,
    re.VERBOSE | re.IGNORECASE,
)
FULL_NAMES = {
    "OS": "overall survival",
    "PFS": "progression-free survival",
    "DFS": "disease-free survival",
    "RFS": "recurrence-free survival",
    "EFS": "event-free survival",
    "MFS": "metastasis-free survival",
    "DMFS": "distant metastasis-free survival",
    "LFS": "leukemia-free survival",
    "CSS": "cancer-specific survival",
    "DSS": "disease-specific survival",
    "FFS": "failure-free survival",
    "IDFS": "invasive disease-free survival",
    "rPFS": "radiographic progression-free survival",
    "EPFS": "extrahepatic progression-free survival",
    "PPS": "post-progression survival",
    "TTP": "time to progression",
}


_KINDS = (
    "implant", "free", "composite", "spares", "other", "without", "spared", "specific", "post", "graft", "mortality",
    "ttp", "overall", "abbreviation", "alive", "bare",
)  # fmt: skip


def endpoint_name(found: re.Match[str]) -> EndpointName:
    """Return the endpoint that a match of `ENDPOINT` names."""
    kind = next(key for key in _KINDS if found[key])
    words = " ".join(found[kind].lower().split())
    if kind == "implant":
        return EndpointName(name := implant_name(found), name)
    if kind == "free":
        return _free_of(found, words)
    if kind in ("composite", "spares"):
        return EndpointName("EFS", words.replace(",", ""))
    if kind == "other":
        return EndpointName(f"{words[0].upper()}FS", words)
    if kind == "without":
        which = found["which"].lower().rstrip("s").split()[-1]
        stem = "metastasis" if which.startswith("metasta") else which
        if found["invasive"] and stem == "disease":
            return EndpointName("IDFS", FULL_NAMES["IDFS"])
        if failing := found["failing"]:
            words = f"{' '.join(failing.lower().split())} failure-free survival"
            initials = "".join(w[0] for w in failing.upper().split() if w not in ("OR", "AND"))
            return EndpointName("BFS" if initials in "BP" else f"{initials}FFS", words)
        return EndpointName(_FREE_OF[stem], f"{stem}-free survival")
    if kind == "abbreviation":
        name = {"RPFS": "rPFS", "IPFS": "PFS"}.get(found[kind].upper(), found[kind].upper())
        label = FULL_NAMES.get(name, name)
        if site := (found["site"] or "").lower():  # another endpoint than that without the word
            return EndpointName(_SITES.get(site, site[0].upper()) + name, f"{site} {label}")
        return EndpointName(name, label)
    return {
        "specific": EndpointName("CSS" if "cancer" in words else "DSS", words),
        "spared": EndpointName(PRIMARY, PRIMARY),
        "post": EndpointName("PPS", "post-progression survival"),
        "graft": EndpointName("GS", words)
        if "censored" not in words
        else EndpointName("DCGS", "death-censored graft survival"),
        "ttp": EndpointName("TTP", "time to progression"),
        "mortality": EndpointName("OS", "overall survival", complement=True),
    }.get(kind, EndpointName("OS", "overall survival"))


def _free_of(found: re.Match[str], words: str) -> EndpointName:
    before, of = (found["before"] or "").lower(), found["of"].lower()
    initials = "".join(word[0].upper() for word in re.findall(r"[a-z]+", before))
    if before.startswith("gvhd"):
        before, initials = "gvhd", "G"
    special = {("radiographic", "PFS"): "rPFS", ("extrahepatic", "PFS"): "EPFS"}
    base = _FREE_OF[of]
    name = special.get((before, base), initials + base)
    label = re.sub(r"[\s-]*free(\s+(survival|interval))?$", "-free survival", words)
    return EndpointName(name, label)


EVENT = re.compile(
    rf"""
    \b(?P<own>[A-Z][A-Za-z-]{{1,7}}){OWN_OUTCOME}
  | (?P<composite>
        (?:disease\s+|tumou?r\s+)?(?:progressions?|progressed|recurrences?|recurred|relapsed?|relapses
        |metastas[ie]s|invasive\s+disease)
        (?:,\s*(?:disease\s+)?(?:progression|recurrence|relapse|metastasis|second\s+(?:primary\s+)?(?:cancer|malignancy)))*
        (?:\s+of\s+disease)?(?:\s+(?:occurred|was\s+(?:seen|observed|recorded)))?\s*(?:,\s*|\s+)(?:or|and/or)\s+(?:had\s+)?(?:died|deaths?)
        (?:\s+from\s+any\s+cause)?
      | (?:died|deaths?)\s+(?:or|and/or)\s+(?:(?:had|have|a|an)\s+)*(?:disease\s+|tumou?r\s+)?
        (?:progression|progressed|recurrences?|recurred|relapsed?|relapses) )
  | (?P<graft>(?<!free\sof\s)(?<!free\sfrom\s)\b(?:death-censored\s+)?(?:(?:renal|kidney|liver)\s+)?(?:allo)?graft\s+(?:loss(?:es)?|failures?)\b(?![\s-]free)
      | \blost\s+(?:their|the)\s+(?:(?:renal|kidney|liver)\s+)?(?:allo)?grafts?\b)
  | (?P<failure>(?<!from\s)(?<!free\sof\s)\b(?:treatment|biochemical)\s+failures?\b(?![\s-]free))
  | (?P<primary>(?<!free\sof\s)(?<!free\sof\sa\s)(?<!free\sof\sthe\s)(?<!from\s)(?<!from\sa\s)(?<!from\sany\s)(?<!from\sthe\s)(?<!without\s)(?<!without\sa\s)(?<!without\sthe\s)\bprimar\u028f\s+(?:(?:composite|efficacy)\s+)?(?:outcomes?|end[\s-]?points?)\b(?:\s+events?\b)?)
  | (?P<natural>\b(?:disease\s+)?(?:progression|recurrence|relapse)\s+events?\b)
  | (?P<named>\b(?:PFS|OS|DFS|RFS|EFS|MFS|IDFS|iDFS|LFS|
        (?:invasive\s+)?(?:progression|disease|event|recurrence|relapse|metastasis)-free\s+survival)
        [\s-]events?\b)
  | (?P<mixed>(?<!free\sof\s)(?<!free\sfrom\s)\b(?:(?:cardiovascular|cardiac|all-cause)\s+)?(?:died|deaths?(?:\s+from\s+(?:any\s+cause|cardiovascular\s+causes))?)
        (?:,\s+(?:non-?fatal\s+)?(?:myocardial\s+infarction|stroke|heart\s+failure))*
        \s*,?\s+(?:or|and/or)\s+(?:(?:had|have|been|were|was|a|an|the|first|repeat|lost|underwent|undergone|undergoing|received|required|needed|liver|lung|kidney|non-?fatal|unplanned|urgent|worsening)\s+)*
        (?:hospital\w*(?:\s+for\s+heart\s+failure)?|graft|heart(?:[\s-]failure)?(?:\s+hospitali[sz]ations?)?|transplant\w*|re-?operat\w*|stroke|myocardial(?:\s+infarction)?|dialysis)\b)
  | (?P<death>(?!death-censored)(?<!free\sof\s)(?<!free\sfrom\s)\b(?:died|deceased|deaths?(?:\s+from\s+any\s+cause)?|dead)\b
      (?!(?:\s+(?:or|and)\s+living)?[\s-]+donors?\b)(?<!donation\safter\scardiac\sdeath)(?<!donated\safter\scardiac\sdeath)
      (?<!after\scirculatory\sdeath)(?<!after\sbrain\sdeath)(?<!brain[\s-]dead))
  | (?P<bare>(?<!outcome\s)(?<!point\s)\bevents?\b(?![\s-]free))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_COMPOSITES = (
    ("progress", ("PFS", "EFS")),
    ("metasta", ("MFS", "DMFS")),
    ("invasive", ("IDFS",)),
    ("relapse", ("RFS", "DFS", "EFS", "LFS")),
    ("recur", ("DFS", "RFS", "EFS")),
)


def event_endpoint(found: re.Match[str]) -> tuple[str, ...]:
    """Return the endpoints that an event may be of, the likeliest first; none if it is unsaid."""
    if found["own"]:
        return (found["own"],)
    if found["death"]:
        return (UNSAID,) if _with_another(found) else ("OS",)
    if found["primary"]:
        return (PRIMARY,)
    if found["mixed"]:
        return ("GS",) if found["mixed"].lower().endswith("graft") else ("EFS",)
    if found["graft"]:
        censored = found["graft"].lower().startswith("death")
        return ("DCGS", "GS") if censored else ("GS", "DCGS")
    if found["failure"]:
        return ("BFS", "FFS") if "bio" in found["failure"].lower() else ("FFS",)
    if found["named"]:
        inner = ENDPOINT.search(found["named"])
        return (endpoint_name(inner).name,) if inner else ()
    if found["composite"] or found["natural"]:
        words = (found["composite"] or found["natural"]).lower()
        return next((names for stem, names in _COMPOSITES if stem in words), ())
    return ()


_OR_BEFORE = re.compile(
    r"[a-z-]{4,},?\s+(?:or|and/or)\s+(?:(?:had|have|were|from)\s+)?$", re.IGNORECASE
)
_OR_AFTER = re.compile(
    r",?\s+(?:or|and/or)\s+(?:(?:had|have|an?|the)\s+)?(?!last\b|from\b)[a-z]", re.IGNORECASE
)


def _with_another(death: re.Match[str]) -> bool:
    """Say whether death is one of several events: "had relapsed or died", "death or surgery"."""
    before, after = death.string[: death.start()], death.end()
    return bool(_OR_BEFORE.search(before) or _OR_AFTER.match(death.string, after))


OTHER_OUTCOME = re.compile(
    r"""
    \b(?:
      (?:objective|overall|complete|partial|pathologic(?:al)?|major|radiologic(?:al)?|tumou?r|clinical)?\s*
         (?:respon(?:se|ses|ders?|ded|d)\b(?:\s+rates?)?)
    | ORR | DCR | CBR | CR\b | PR\b | pCR | MPR | m?DOR | m?DoR | disease\s+control | clinical\s+benefit
    | (?:time\s+(?:to|on|until|from)|duration\s+(?:of|on))\s+(?:the\s+)?(?!(?:(?:randomi[sz]ation|enrol\w+|registration|diagnosis|start\s+of\s+treatment)\s+(?:to|until)\s+)?(?:disease\s+|tumou?r\s+|radiologic(?:al)?\s+|radiographic\s+)?progression\b|follow-?\s?up\b|observation\b)[\w-]+
    | time\s+to\s+(?:PSA|CA|biochemical|marker|pain|next|first|second|subsequent|deterioration)[\w\s-]{0,20}
    | treatment\s+(?:lasted|duration|exposure)
    | adverse\s+events? | TR?AEs? | toxicit(?:y|ies) | grade\s+(?:≥\s*)?[0-9I]\b | complications? | morbidit\w+
    | neutropeni\w+ | an(?:a)?emia | thrombocytop\w+ | leu[ck]openi\w+ | diarrh\w+ | nausea | vomiting | fatigue
    | rash | hypertension | pneumonitis | neuropathy | mucositis | infections? | leakage | fistula(?!\s+sur) | bleeding
    | rebleeding | encephalopathy | strokes?\b | seizures? | fractures? | falls?\b
    | (?:hospital|ICU|intensive\s+care)\s+stay | blood\s+loss | operative\s+time | operating\s+time
    | R0 | resection\s+(?:rate|margin) | conversion\s+(?:rate|surgery\s+rate) | lymph\s+nodes?\s+metast\w+
    | (?-i:\b(?:LRC|LC|LCR|LRR|DMR|TTR|TTF|TTNT|DoCR|CIR|NRM)\b(?!\s*[)\]]))
    | (?:local|locoregional|loco-regional|regional|intracranial)\s+(?:control|(?:tumou?r\s+)?progression|failure|recurrences?)\b(?![\s-]*free)
    | (?:PSA|prostate-specific\s+antigen|CA-?125|marker|tumou?r\s+marker)\s*(?:\(PSA\)\s*)?(?:progression|relapse|failure)[\s-]*free\s+survival
    | (?:recurrence|relapse)\s+rates? | ^(?:recurrence|relapse|progression)(?=\s+at\s+\S+\s+(?:day|month|year)s?\s+(?:was|occurred)\b) | site\s+of\s+(?:first\s+)?(?:recurrence|relapse|failure)
    | distant\s+(?:failure|metastases\s+were)
    | cumulative\s+incidences? | incidence | (?:GVHD|graft-versus-host(?:\s+disease)?)(?![\s-]free) | engraftment
    | (?:cardiovascular|cardiac|cancer|tumou?r|liver|sudden|disease)[\s-](?:cardiac\s+|related\s+|specific\s+)?(?:deaths?|mortality)\b(?!,?\s+(?:or|and/or|and)\b|,)
    | (?:deaths?|died)\s+(?:from|due\s+to|of)\s+(?:(?:cardio)?vascular|cardiac|other|non-?\w+)\s+(?:causes?|disease)\b(?!,?\s+(?:or|and/or)\b)
    | (?:deaths?|died)\s+(?:from|due\s+to)\s+(?:the\s+|their\s+)?(?!(?:any|all|either|the|their|which|whom)\b)(?:[\w-]+\s+){0,2}?(?:causes?|cancers?|\w*carcinomas?|tumou?rs?|disease|progression|melanoma|lymphoma|leuk\w+|infections?|toxicit\w+|strokes?|failure|infarction|sepsis|pneumonia|ha?emorrhage)\b(?!,?\s+(?:or|and/or)\b)
    | (?:(?:all-cause|overall)\s+)?mortality,?\s+(?:or|and/or)\s+(?:[\w-]+\s+){0,3}?(?:(?:re)?hospitali[sz]ations?|readmissions?|transplant\w*|strokes?|infarction|dialysis|heart\s+failure|graft\s+\w+|events?)
    | non-?\s?relapse[\s-]+mortality | NRM | TRM | (?:treatment|transplant(?:ation)?|therapy|procedure)[\s-]related[\s-]+(?:mortality|deaths?) | toxic\s+deaths?
    | (?:7|14|28|30|60|90|100|thirty|ninety)[\s-]days?\s+(?:(?:postoperative|all-cause|overall)\s+)*mortality | perioperative\s+mortality
    | (?:in-?hospital|hospital|ICU|intensive[\s-]care(?:[\s-]unit)?|operative|postoperative|surgical|early|six-week|6-week)\s+(?:mortality|deaths?)
    | RMSTs? | restricted[\s-]+means?\b(?:\s+survival)?(?:\s+times?)? | odds\s+ratios? | (?-i:OR)\b(?=\s*[,=:]?\s*\d)
    | risk\s+ratios? | relative\s+risks?
    | (?:absolute|between-group|risk)\s+(?:risk\s+)?(?:difference|reduction|benefit|improvement)s?
    | an?\s+(?:(?:absolute|relative)\s+)?(?:difference|reduction)\s+of | differences?\s+(?:in|between)(?=[^.;(]{0,60}\b(?:was|were|of)\s+-?\d)
    | subdistribution | sub-?hazard | SHR\b | Fine | competing | interaction | heterogeneity | sensitivity
    | quality[\s-]of[\s-]life | QoL | EORTC | (?:doubling|symptom)\s+\w+ | PSA\b
    | (?:mean|median|med\.?)\s+age | aged? \b | male\b | female\b
    | body\s+mass | BMI | ECOG | tumou?r\s+(?:size|diameter) | stage\s+[0-9IV]+ | smok\w+ | cirrho\w+
    | relative\s+dose | dose\s+(?:intensity|reductions?) | discontinu\w+ | crossover | crossed\s+over
    | subsequent\s+(?:therapy|treatment|systemic)\b | salvage\s+\w+
    | minimal\s+residual | MRD\b | conversion | downstag\w+ | sensitivity | specificity | AUC | accuracy
    | differences?,?\s*[=:]?\s*(?=-?\d) | concordance | power\b | alpha\b | significance\s+level | drop-?out
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)


_NOUN = r"(?:outcome|end[\s-]?point)"
_DEFINED = re.compile(
    rf"\bprimary\s+(?:efficacy\s+|composite\s+)?{_NOUN}\s*(?:,|:|\s[-\u2013\u2014]|\u2014|was|is)\s*(?:defined\s+as\s+)?(?:the\s+|a\s+)?"
    r"(?:(?:time\s+(?:to|until)|first\s+occurrence\s+of)\s+(?:the\s+|a\s+)?(?:first\s+(?:event|occurrence)\s+(?:in|of)\s+)?)?"
    r"(?:composite\s+(?:outcome\s+)?of\s+)?(?P<events>(?:[^.;:]|\.(?=\d)){5,})",
    re.IGNORECASE,
)
_OF = r"(?:a|the)\s+composite\s+of\b"
_APPOSITION = re.compile(
    rf"(\bprimary\s+(?:efficacy\s+|composite\s+)?{_NOUN})(?:"
    rf"\s*[-\u2013\u2014]\s*{_OF}[^.;:\u2013\u2014]*?\s*(?:\s-|\u2013|\u2014)\s*"
    rf"|\s+\({_OF}[^()]*\)\s*"
    rf"|,\s+{_OF}[^.;:()]*?,\s+(?=(?:had\s+)?occurred\b|was\b|were\b|did\b))",
    re.IGNORECASE,
)
"""The events that stand behind a primary outcome: "- a composite of death or stroke - occurred"."""
_NO_EVENTS = re.compile(
    r"hierarchical|win\s+ratio|scores?\b|improvement|assessed|days\b|noninferior|non-inferior|survival\b",
    re.IGNORECASE,
)


OF_ONE_CAUSE = re.compile(
    r"(?:cardiac|vascular|cancer|related|specific)\s+death|death\s+from\s+(?!any)", re.IGNORECASE
)
"""Deaths of a composite that leaves out those from other causes."""


def composite(text: str) -> str:
    """Return the events of the primary outcome, "cardiovascular death or stroke"; "" if unsaid.

    Parameters
    ----------
    text : str
        The whole text. A primary outcome that is no composite of death and other events is none.
    """
    for found in _DEFINED.finditer(text):
        events = " ".join(found["events"].split())
        both = re.search(r"\b(?:or|and)\b", events) and re.search(r"\bdeath\b", events)
        if both and not _NO_EVENTS.search(events):
            return re.split(
                r",?\s+(?:in\s+the\s+|assessed|analy[sz]ed|at\s+\d|but\b|which\b)", events
            )[0].lower()
    return ""


_ONE = re.compile(
    r"(?:the\s+)?(?:death\s+from\s+any\s+cause|(?:death|mortality)\s+from\s+all\s+causes|"
    r"all-cause\s+(?:death|mortality))",
    re.IGNORECASE,
)
"""An event that a primary outcome may be alone."""


def as_written(text: str) -> str:
    """Return a text without what `marked_primary` wrote into it."""
    return unmarked(re.sub(rf" \[(?:{_ONE.pattern})\]", "", text, flags=re.IGNORECASE))


def unmarked(text: str) -> str:
    """Write marked letters as they were."""
    return unmarked_implants(text).replace(OTHER_Y, "y").replace(OWN_OUTCOME, "")


def marked_primary(text: str) -> str:
    """Write the "primary outcome" with another y wherever a text speaks of a composite one.

    Behind one that is death, this is written: "[death from any cause]".
    """
    defined = {" ".join(found["events"].split()) for found in _DEFINED.finditer(text)}
    if len(defined) == 1 and _ONE.fullmatch(one := defined.pop()):
        return re.sub(
            rf"(\bprimary\s+(?:efficacy\s+)?{_NOUN})(?=\s+(?:had\s+)?occurred\b)",
            lambda found: f"{found[1]} [{one}]",
            text,
            flags=re.IGNORECASE,
        )
    if not composite(text):
        return text
    text = _APPOSITION.sub(r"\1 ", text)
    return re.sub(
        rf"\b(primar)y(?=\s+(?:composite\s+|efficacy\s+)?{_NOUN}s?\b(?!\s+(?:was|is)\s+(?:defined|the|a)\b))",
        rf"\1{OTHER_Y}",
        text,
        flags=re.IGNORECASE,
    )
