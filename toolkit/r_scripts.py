"""R scripts that give the same numbers from the files beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from .models.parametric import ParametricModels
    from .models.pooling import MetaAnalysis

__all__ = ["extrapolate_script", "pool_script", "reproduce_script"]

_HEAD = """# Written by kmrepro {version}. Run it in this folder: Rscript {name}
"""


def _text(value: str) -> str:
    """Return an R string."""
    return json.dumps(value, ensure_ascii=True).replace("\\/", "/")


def _vector(values: Sequence[str]) -> str:
    return f"c({', '.join(map(_text, values))})"


def reproduce_script(files: Mapping[str, tuple[str, Sequence[str]]]) -> str:
    """Return a script that analyses the patients of every endpoint with R's survival.

    Parameters
    ----------
    files : mapping of str to (str, sequence of str)
        By endpoint: the CSV file of its patients, and its arms, the reference first.
    """
    calls = "\n".join(
        f"analyse({_text(key)}, {_text(path)}, {_vector(arms)})"
        for key, (path, arms) in files.items()
    )
    return f"""{_HEAD.format(version=__version__, name="reproduce.R")}library(survival)

analyse <- function(endpoint, file, arms) {{
  d <- read.csv(file, stringsAsFactors = FALSE)
  d$arm <- factor(d$arm, levels = arms)
  cat("\\n", endpoint, "\\n", sep = "")
  print(survfit(Surv(time, event) ~ arm, d, conf.type = "log-log"))
  if (length(arms) == 2) {{
    fit <- coxph(Surv(time, event) ~ arm, d, ties = "efron")
    ci <- exp(confint(fit))
    cat(sprintf("HR %s versus %s: %.6f (95%% CI %.6f to %.6f), log-rank p %.6f\\n",
                arms[2], arms[1], exp(coef(fit)), ci[1], ci[2],
                summary(fit)$sctest[["pvalue"]]))
  }}
}}

{calls}
"""


_EXTRAPOLATE = r"""library(survival)
have <- requireNamespace("flexsurv", quietly = TRUE)
if (!have) message("flexsurv is not installed: only what survival::survreg fits is fitted.")

# survreg's intercept and scale as flexsurv's parameters on the natural scale.
as_flexsurv <- function(model, mu, sigma) switch(model,
  exponential = c(rate = exp(-mu)),
  weibull = c(shape = 1 / sigma, scale = exp(mu)),
  lognormal = c(meanlog = mu, sdlog = sigma),
  loglogistic = c(shape = 1 / sigma, scale = exp(mu)))

fit_one <- function(d, model) {
  if (have) {
    if (startsWith(model, "spline-")) {
      part <- strsplit(model, "-")[[1]]
      f <- flexsurv::flexsurvspline(Surv(time, event) ~ 1, data = d, scale = part[2],
                                    k = as.integer(part[3]))
    } else {
      name <- c(exponential = "exp", weibull = "weibull", gompertz = "gompertz",
                lognormal = "lnorm", loglogistic = "llogis", gamma = "gamma",
                gengamma = "gengamma")[[model]]
      f <- flexsurv::flexsurvreg(Surv(time, event) ~ 1, data = d, dist = name)
    }
    return(list(loglik = f$loglik, parameters = f$res[, "est"]))
  }
  if (!model %in% c("exponential", "weibull", "lognormal", "loglogistic")) return(NULL)
  f <- survreg(Surv(time, event) ~ 1, data = d, dist = model)
  list(loglik = f$loglik[1], parameters = as_flexsurv(model, coef(f)[[1]], f$scale))
}

fit_all <- function(endpoint, file, arms, models) {
  d <- read.csv(file, stringsAsFactors = FALSE)
  for (arm in arms) for (model in models) {
    f <- fit_one(d[d$arm == arm, ], model)
    if (is.null(f)) next
    cat(sprintf("%s\t%s\t%s\t%.8f\t%s\n", endpoint, arm, model, f$loglik,
                paste(sprintf("%.8f", f$parameters), collapse = " ")))
  }
}

cat("endpoint\tarm\tmodel\tlog_likelihood\tparameters\n")
"""


def extrapolate_script(results: Mapping[str, tuple[str, ParametricModels]]) -> str:
    """Return a script that fits the same distributions with flexsurv, or else with survreg.

    Parameters
    ----------
    results : mapping of str to (str, ParametricModels)
        By endpoint: the CSV file of its patients, and the fits.
    """
    calls = []
    for key, (path, models) in results.items():
        names = dict.fromkeys(fit.name for fit in models.fits if not fit.has_effect)
        plain = [name for name in names if not name.startswith("cure-")]
        calls.append(
            f"fit_all({_text(key)}, {_text(path)}, {_vector(models.ipd.arms)}, {_vector(plain)})"
        )
    head = _HEAD.format(version=__version__, name="extrapolate.R")
    return head + _EXTRAPOLATE + "\n".join(calls) + "\n"


_POOL = r"""
d <- read.csv("trials.csv", stringsAsFactors = FALSE)
method <- "{method}"
if (requireNamespace("metafor", quietly = TRUE)) {{
  for (source in unique(d$source)) {{
    part <- d[d$source == source, ]
    fit <- metafor::rma(yi = log_hazard_ratio, sei = se, data = part, method = method,
                        test = "{test}", slab = trial,
                        control = list(threshold = 1e-12, maxiter = 1000))
    common <- metafor::rma(yi = log_hazard_ratio, sei = se, data = part, method = "EE")
    cat(sprintf("%s\trandom\t%.8f\t%.8f\t%.8f\n", source, exp(fit$b[1]), exp(fit$ci.lb),
                exp(fit$ci.ub)))
    cat(sprintf("%s\tcommon\t%.8f\t%.8f\t%.8f\n", source, exp(common$b[1]), exp(common$ci.lb),
                exp(common$ci.ub)))
    cat(sprintf("%s\ttau2, I2 (%%), Q\t%.8f\t%.8f\t%.8f\n", source, fit$tau2, fit$I2, fit$QE))
  }}
}} else message("metafor is not installed: the two-stage analysis is left out.")
"""
_LEAST_TAU2 = 0.02**2
_ONE_STAGE = r"""
library(survival)
ipd <- read.csv("ipd.csv", stringsAsFactors = FALSE)
fit <- coxph(Surv(time, event) ~ treatment + strata(trial), ipd, ties = "efron")
ci <- exp(confint(fit))
cat(sprintf("one-stage\treproduced\t%.8f\t%.8f\t%.8f\n", exp(coef(fit)), ci[1], ci[2]))
"""


_DIFFERENCES = r"""
differences <- read.csv("differences.csv", stringsAsFactors = FALSE)
if (requireNamespace("metafor", quietly = TRUE)) {{
  for (part in split(differences, list(differences$measure, differences$at, differences$source),
                     drop = TRUE)) {{
    if (nrow(part) < 2) next
    what <- paste(part$source[1], part$measure[1], part$at[1])
    fit <- metafor::rma(yi = difference, sei = se, data = part, method = "{method}",
                        test = "{test}", control = list(threshold = 1e-12, maxiter = 1000))
    cat(sprintf("%s\trandom\t%.8f\t%.8f\t%.8f\n", what, fit$b[1], fit$ci.lb, fit$ci.ub))
  }}
}}
"""
_RANDOM = r"""
# With a random treatment-by-trial effect: the integrated partial likelihood, on a grid. Where coxme
# is installed, coxme(Surv(time, event) ~ treatment + (treatment - 1 | trial) + strata(trial), ipd)
# is Laplace's approximation of it.
grid <- coef(fit)[[1]] + seq(-5, 5, by = 0.02)
profile <- sapply(split(ipd, ipd$trial), function(d) {
  l <- sapply(grid, function(b) coxph(Surv(time, event) ~ treatment, d, ties = "efron", init = b,
                                      control = coxph.control(iter.max = 0))$loglik[2])
  l - max(l)
})
minus <- function(p) {
  density <- dnorm(grid, p[1], exp(p[2] / 2)) * 0.02
  -sum(apply(profile, 2, function(l) log(sum(exp(l) * density))))
}
best <- optim(c(coef(fit)[[1]], -3), minus, control = list(reltol = 1e-14, maxit = 2000))$par
half <- qnorm(0.975) * sqrt(solve(optimHess(best, minus))[1, 1])
cat(sprintf("one-stage random\treproduced\t%.8f\t%.8f\t%.8f\n", exp(best[1]), exp(best[1] - half),
            exp(best[1] + half)))
"""


def pool_script(pooled: MetaAnalysis) -> str:
    """Return a script that pools the tables with metafor, and ipd.csv with survival."""
    hartung_knapp = any(each.random.hartung_knapp for each in pooled.by_source.values())
    head = _HEAD.format(version=__version__, name="pool.R")
    chosen = {"method": pooled.method, "test": "knha" if hartung_knapp else "z"}
    text = head + _POOL.format(**chosen)
    if pooled.differences:
        text += _DIFFERENCES.format(**chosen)
    if "reproduced" in pooled.one_stage:
        text += _ONE_STAGE
        varying = pooled.one_stage_random.get("reproduced")
        # Below a standard deviation of the grid's step its sum is no integral any more.
        if varying is not None and varying.tau2 > _LEAST_TAU2:
            text += _RANDOM
    return text
