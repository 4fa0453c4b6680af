"""A commented study file to start from."""

from __future__ import annotations

__all__ = ["starter_text"]


def starter_text() -> str:
    """Return a study file that explains every key, and that is sound as it stands.

    Its numbers are invented. Keys that a paper may or may not print stand in comments.

    Examples
    --------
    >>> starter_text().startswith("# A study file")
    True
    """
    return _STARTER


_STARTER = """\
# A study file: what one paper prints about survival. The numbers below are invented; replace
# them by the paper's, delete what it does not print, and check the file with
#   kmrepro validate FILE
#
# Numbers that the paper prints stand in quotes, exactly as printed: "68%" is wider than "68.0%".
# Also read are "<0.001", ">0.99", "NR" (not reached), ".85", "1·22" and "p = 0.018".
# Whole numbers (n, events, at_risk) stand without quotes.
# Only `id`, one [[endpoint]] with its `name` and one arm are needed. What is absent is not made
# up in silence: the results say what had to be assumed for it.

id = "my-study"                             # letters, digits, - _ . ; names the results
title = "Title of the paper"
citation = "Author A, Author B. Journal. 2024;1:1-10."
# doi = "10.1000/xyz123"
time_unit = "months"                        # days | weeks | months | years, of every time here
enrolment = ["2015-01", "2020-12"]          # first and last entry, to the month or the day
data_cutoff = "2023-06-30"                  # when follow-up ended
# note = "What is unclear or contradictory in the paper."

[arms]                                      # short name = name in full
control = "Standard treatment"
new = "New treatment"


# One [[endpoint]] for each endpoint of each cohort ----------------------------------------------

[[endpoint]]
cohort = "all"                              # free label: "all", "psm", "portal-vein", ...
name = "OS"                                 # short; with the cohort it names the results
label = "Overall survival"
source = "Results, Survival; Figure 2"      # where in the paper the numbers stand
# figure = "Figure 2"
# swimmer = "Figure 3"                      # if the paper draws one bar per patient
# note = "What is unclear here."
# time_unit, enrolment, data_cutoff         # only where they differ from the ones above
reference = "control"                       # the arm in the denominator of the hazard ratio

[endpoint.arms.control]
n = 120                                     # patients analysed
# Survival by time, times increasing. A time with a decimal point needs quotes: "2.5" = "97%".
# With its 95% interval a landmark is { survival = "71.3%", ci = ["63.0%", "79.6%"] }.
landmarks = { 12 = "85.0%", 36 = "58.2%", 60 = "41.7%" }
events = 66                                 # patients who had the event
median = "46.1"                             # "NR" if it was not reached
median_ci = ["37.2", "NR"]
follow_up = { median = "38.0", iqr = ["25.1", "55.9"] }   # also: range, min, max
# at_risk = { 0 = 120, 12 = 101, 36 = 60, 60 = 21 }       # below the figure; just before each time
# mean = "44.9"
# event_times = [1.1, 2.1, 4.2]             # if the paper lists when each event happened
# curve = "os-control.csv"                  # digitised curve, columns time and survival, a file
                                            # in this folder or below it; or
#   { file = "os.csv", arm = "A", kind = "steps", tolerance = "0.5%" }   # kind: or "samples"
# censor_marks = [3.2, 8.0]                 # times of the marks on the curve, or a CSV file
# n_basis = "cohort"                        # if n is the cohort's, not the endpoint's own
# label = "Standard treatment"              # if it differs from the one in [arms]
# note = "What is unclear in this arm."

[endpoint.arms.new]
n = 118
landmarks = { 12 = "88.9%", 36 = "67.5%", 60 = "52.4%" }
events = 52

[endpoint.reported]                         # the comparison; leave it out if there is one arm
hazard_ratio = "0.74"                       # treatment versus reference
ci = ["0.51", "1.06"]                       # or "0.51 to 1.06"
p = "0.098"
test = "log-rank"
# events = 118                              # in both arms together
# adjusted = true                           # if the hazard ratio is adjusted for covariates
# note = "Stratified by centre."


# Tables, for forest plots (and to check the paper's numbers against each other) ------------------

# [[table]]
# id = "table-2"
# source = "Table 2"
# title = "Predictors of overall survival"
# cohort = "all"
# endpoint = "OS"
# hazard_ratio = [
#   { variable = "Age (years)", level = ">65", reference = "≤65", model = "univariable", \
hazard_ratio = "1.03", ci = ["0.63", "1.70"], p = "0.893" },
# ]
#
# [[table]]                                 # of subgroups
# id = "figure-3"
# source = "Figure 3"
# favours = ["new", "control"]              # whom a hazard ratio below and above 1 speaks for
# hazard_ratio = [
#   { variable = "All patients", hazard_ratio = "0.74", ci = ["0.51", "1.06"], overall = true },
#   { variable = "Sex", level = "Male", hazard_ratio = "0.81", ci = ["0.52", "1.26"], \
patients = { control = "40/82", new = "33/79" }, p_interaction = "0.42" },
# ]
#
# [[table]]
# id = "table-1"
# source = "Table 1"
# groups = { control = 120, new = 118 }     # patients in each column; n = 238 if it has no columns
# # subset_of = "table-0"                   # the table whose patients these are a part of
# # events = 118                            # in a table of hazard ratios
#
# [[table.count]]                           # cells as printed
# variable = "Sex"
# p = "0.71"
# test = "chi-square"
# statistic = "0.14"
# # of = { new = 110 }                      # patients of the row, where fewer than the column's
# # exclusive = false                       # if a patient may be counted in several levels
# # total = "any"                           # the level that counts those in any of the others
# levels = { male = { control = "81 (67.5)", new = "77 (65.3)" }, \
female = { control = "39 (32.5)", new = "41 (34.7)" } }
#
# [[table.mean]]                            # or [[table.median]]
# variable = "Albumin (g/L)"
# control = "41.6 (4.6)"
# new = "40.9 (4.9)"
# p = "0.26"
# # whole = true                            # if values are whole numbers, such as days or sessions
# # spread = "quartiles"                    # or "range": what stands beside a median
#
# [[table]]                                 # a table that lists patients one by one
# id = "table-3"
# source = "Table 3"
# columns = ["Patient", "Stage", "Days"]
# rows = [["1", "B", "29"], ["2", "C", "40"]]
#
# [[statement]]                             # a sentence whose numbers can be checked
# source = "Abstract"
# text = "238 patients: 120 control and 118 new."
# sum = { total = "238", parts = ["120", "118"] }
# share = [{ part = "158", of = "238", percent = "66.4%" }]
# values = { "Median age (years)" = "61" }  # must be the same wherever the paper prints it
# sample_size = { design = "one proportion", baseline = "30%", alternative = "50%", \
power = "90%", alpha = "0.05", n = "60", drop_out = "10%", recruited = "67" }
# listed = [{ table = "table-3", column = "Stage", holds = "C", count = "1" }, \
{ table = "table-3", column = "Days", mean = "34.5", sd = "7.8", median = "34.5" }]
# hazard_ratio = [{ table = "table-2", variable = "Age (years)", level = ">65", \
reference = "≤65", model = "univariable", hazard_ratio = "1.03" }]
# claim = [{ p = "0.098", significant = false, alpha = "0.05" }]
# # certain = false                         # if its `values` may be of other patients
# # For a survival design: hazard_ratio = "0.65" in place of the proportions.
#
# [[flow]]                                  # a flow diagram of patients
# id = "figure-1"
# figure = "Figure 1"
# title = "Patient flow"
# source = "Results, Patients"
#
# [[flow.box]]                              # boxes in the order of the flow
# id = "screened"
# label = "Assessed for eligibility"
# n = 301                                   # leave it out if it is not printed
# # exclusive = false                       # if a patient may be in several of the boxes after it
# # complete = false                        # if some of its patients are not spoken of again
#
# [[flow.excluded]]                         # patients who leave after a box
# from = "screened"
# label = "Excluded"
# n = 63
# reasons = [{ label = "Other cancer", n = 40 }, { label = "Refused", n = 23 }]
#
# [[flow.box]]
# id = "analysed"
# from = "screened"                         # or a list of boxes: ["one", "other"]
# label = "Analysed"
# n = 238
#
# [[flow.box]]
# id = "control"
# from = "analysed"
# label = "Standard treatment"
# n = 120
# quantity = "all/OS / control / n"         # must be the same number
#
# [[flow.box]]
# id = "new"
# from = "analysed"
# label = "New treatment"
# n = 118
"""
