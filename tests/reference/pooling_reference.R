# Reference values for pooling: Rscript pooling_reference.R
#
# Two-stage values are metafor's, on three sets of log hazard ratios with their standard errors;
# one-stage values are survival's coxph with strata, on patients of this folder as three "trials".
suppressPackageStartupMessages({library(metafor); library(survival)})

sets <- list(
  agreeing = data.frame(y = c(0.20, 0.15, 0.24, 0.18), se = c(0.10, 0.20, 0.15, 0.30)),
  differing = data.frame(y = c(-0.51, 0.12, -0.22, 0.41, -0.05, 0.63),
                         se = c(0.12, 0.21, 0.15, 0.18, 0.26, 0.31)),
  extreme = data.frame(y = c(-1.4, 0.9, 0.1), se = c(0.2, 0.25, 0.4)))
exact <- list(threshold = 1e-13, maxiter = 10000, tol = 1e-13)

rows <- list()
add <- function(set, method, what, value) rows[[length(rows) + 1]] <<- data.frame(
  set = set, method = method, what = what, value = as.numeric(value))

for (name in names(sets)) {
  d <- sets[[name]]
  k <- nrow(d)
  for (i in seq_len(k)) {
    add(name, "data", paste0("y_", i), d$y[i])
    add(name, "data", paste0("se_", i), d$se[i])
  }
  common <- rma(y, sei = se, data = d, method = "EE")
  for (what in c("b", "se", "ci.lb", "ci.ub", "pval", "QE", "QEp")) add(name, "common", what, common[[what]])
  for (method in c("REML", "DL", "PM")) {
    wald <- rma(y, sei = se, data = d, method = method, control = exact)
    knha <- rma(y, sei = se, data = d, method = method, test = "knha", control = exact)
    add(name, method, "tau2", wald$tau2); add(name, method, "I2", wald$I2 / 100)
    add(name, method, "H2", wald$H2)
    for (what in c("b", "se", "ci.lb", "ci.ub", "pval")) {
      add(name, method, paste0("wald_", what), wald[[what]])
      add(name, method, paste0("knha_", what), knha[[what]])
    }
    # Higgins, Thompson and Spiegelhalter's prediction interval
    half <- qt(0.975, k - 2) * sqrt(wald$tau2 + wald$se^2)
    add(name, method, "prediction_lower", wald$b - half)
    add(name, method, "prediction_upper", wald$b + half)
    w <- weights(wald) / 100
    for (i in seq_len(k)) add(name, method, paste0("weight_", i), w[i])
    if (method == "REML") {
      profile <- confint(wald, control = list(tol = 1e-13, maxiter = 10000, tau2.max = 1000))$random
      add(name, method, "tau2_lower", profile["tau^2", "ci.lb"])
      add(name, method, "tau2_upper", profile["tau^2", "ci.ub"])
      left <- suppressWarnings(leave1out(rma(y, sei = se, data = d, method = "REML", control = exact)))
      for (i in seq_len(k)) add(name, method, paste0("without_", i), left$estimate[i])
      egger <- regtest(wald, model = "lm")
      add(name, method, "egger_z", egger$zval); add(name, method, "egger_p", egger$pval)
    }
  }
}

trials <- lapply(c("lung", "veteran", "aml"), function(name) {
  d <- read.csv(file.path("patients", paste0(name, ".csv")), stringsAsFactors = FALSE)
  data.frame(time = d$time, event = d$event, treated = d$arm != d$arm[1], trial = name)
})
fit <- coxph(Surv(time, event) ~ treated + strata(trial), do.call(rbind, trials), ties = "efron",
             control = coxph.control(eps = 1e-14, iter.max = 100))
add("one-stage", "cox", "log_hazard_ratio", coef(fit))
add("one-stage", "cox", "se", sqrt(vcov(fit)))

# With a random treatment-by-trial effect: the integrated partial likelihood by brute force, coxph's
# log likelihoods on a fine grid of log hazard ratios, summed against the normal density.
grid <- seq(-7, 7, by = 0.01)
profile <- sapply(trials, function(d) sapply(grid, function(b)
  coxph(Surv(time, event) ~ treated, d, ties = "efron", init = b,
        control = coxph.control(iter.max = 0))$loglik[2] -
  coxph(Surv(time, event) ~ treated, d, ties = "efron", init = 0,
        control = coxph.control(iter.max = 0))$loglik[2]))
minus <- function(p) {
  density <- dnorm(grid, p[1], exp(p[2] / 2))
  -sum(apply(profile, 2, function(l) max(l) + log(sum(exp(l - max(l)) * density) * 0.01)))
}
best <- optim(c(0, -1), minus, control = list(reltol = 1e-14, maxit = 2000))
for (i in 1:5) {
  best$par <- best$par - as.vector(solve(numDeriv::hessian(minus, best$par),
                                         numDeriv::grad(minus, best$par)))
}
add("one-stage", "random", "log_hazard_ratio", best$par[1])
add("one-stage", "random", "tau2", exp(best$par[2]))
add("one-stage", "random", "se", sqrt(solve(numDeriv::hessian(minus, best$par))[1, 1]))
add("one-stage", "random", "gain", -minus(best$par) - (fit$loglik[2] - fit$loglik[1]))

# Two horizons together: five trials, one of which is not followed to the second.
joint <- data.frame(trial = rep(1:5, each = 2), horizon = rep(c("first", "second"), 5),
                    y = c(1.2, 1.1, 0.3, 2.9, 2.0, 4.4, -0.9, -3.9, 1.1, NA))
blocks <- lapply(1:5, function(i) {
  se <- c(0.5, 1.3) * c(1, 0.7, 1.4, 0.9, 1.2)[i]
  outer(se, se) * matrix(c(1, 0.8, 0.8, 1), 2)
})
for (i in seq_len(nrow(joint))) add("joint", "data", paste0("y_", i), joint$y[i])
for (i in 1:5) for (j in 1:4) add("joint", "data", paste0("s_", i, "_", j), blocks[[i]][j])
keep <- !is.na(joint$y)
V <- as.matrix(Matrix::bdiag(blocks))[keep, keep]
for (method in c("common", "random")) {
  fit <- if (method == "common") rma.mv(y, V, mods = ~ horizon - 1, data = joint[keep, ]) else
    rma.mv(y, V, mods = ~ horizon - 1, random = ~ horizon | trial, struct = "UN", method = "REML",
           data = joint[keep, ], control = list(optimizer = "optim", optmethod = "BFGS",
                                                reltol = 1e-15, maxit = 10000))
  for (i in 1:2) { add("joint", method, paste0("b_", i), fit$b[i]); add("joint", method, paste0("se_", i), fit$se[i]) }
  add("joint", method, "covariance", vcov(fit)[1, 2])
  if (method == "random") for (i in 1:2) add("joint", method, paste0("tau2_", i), fit$tau2[i])
  if (method == "random") add("joint", method, "rho", fit$rho)
}

found <- do.call(rbind, rows)
found$value <- formatC(found$value, digits = 14, format = "g", width = 1)
write.csv(found, "pooling.csv", row.names = FALSE, quote = FALSE)
