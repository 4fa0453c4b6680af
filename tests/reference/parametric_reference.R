# Reference values for the parametric survival models: Rscript parametric_reference.R
#
# Exponential, Weibull, log-normal and log-logistic are those of survival::survreg, translated to
# flexsurv's parameters. The others are maximised here from their definitions: a likelihood that is
# written once more, from the densities and survival functions, with derivatives by numDeriv.
#
# patients/gbsg.csv, the German breast cancer study, is written here too: test_published.py compares
# fits to it with published ones.
library(survival)
library(numDeriv)

study <- with(gbsg, data.frame(time = rfstime, event = status,
                               arm = ifelse(hormon == 1, "hormonal", "none")))
write.csv(study[order(study$arm != "none"), ], "patients/gbsg.csv", row.names = FALSE, quote = FALSE)

gengamma <- function(p) {
  mu <- p[1]; sigma <- exp(p[2]); q <- p[3]
  list(
    log_density = function(t) {
      w <- (log(t) - mu) / sigma
      k <- 1 / q^2
      log(abs(q)) - log(sigma * t) + k * log(k) + k * (q * w - exp(q * w)) - lgamma(k)
    },
    log_survival = function(t) {
      w <- (log(t) - mu) / sigma
      pgamma(exp(q * w) / q^2, shape = 1 / q^2, lower.tail = q < 0, log.p = TRUE)
    })
}
gompertz <- function(p) {
  a <- p[1]; b <- exp(p[2])
  cumulative <- function(t) b * expm1(a * t) / a
  list(log_density = function(t) log(b) + a * t - cumulative(t),
       log_survival = function(t) -cumulative(t))
}
gamma_ <- function(p) {
  list(log_density = function(t) dgamma(t, exp(p[1]), exp(p[2]), log = TRUE),
       log_survival = function(t) pgamma(t, exp(p[1]), exp(p[2]), lower.tail = FALSE, log.p = TRUE))
}
weibull <- function(p) {
  list(log_density = function(t) dweibull(t, exp(p[1]), exp(p[2]), log = TRUE),
       log_survival = function(t) pweibull(t, exp(p[1]), exp(p[2]), lower.tail = FALSE, log.p = TRUE))
}
cure <- function(p) {
  theta <- plogis(p[1]); others <- weibull(p[-1])
  list(log_density = function(t) log1p(-theta) + others$log_density(t),
       log_survival = function(t) log(theta + (1 - theta) * exp(others$log_survival(t))))
}
spline <- function(scale, knots) function(p) {
  low <- knots[1]; high <- knots[length(knots)]
  cube <- function(x, k) pmax(x - k, 0)^3
  square <- function(x, k) 3 * pmax(x - k, 0)^2
  along <- function(x, f, base) {
    total <- base
    for (j in seq_len(length(knots) - 2)) {
      k <- knots[j + 1]; l <- (high - k) / (high - low)
      total <- total + p[j + 2] * (f(x, k) - l * f(x, low) - (1 - l) * f(x, high))
    }
    total
  }
  s <- function(t) along(log(t), cube, p[1] + p[2] * log(t))
  ds <- function(t) along(log(t), square, p[2])
  log_survival <- function(t) switch(scale,
    hazard = -exp(s(t)), odds = -log1p(exp(s(t))), normal = pnorm(-s(t), log.p = TRUE))
  list(log_survival = log_survival, log_density = function(t) {
    slope <- log(ds(t)) - log(t)
    slope + switch(scale,
      hazard = s(t) - exp(s(t)), odds = s(t) - 2 * log1p(exp(s(t))), normal = dnorm(s(t), log = TRUE))
  })
}

maximised <- function(d, model, start) {
  minus <- function(p) {
    f <- model(p)
    value <- -sum(ifelse(d$event == 1, f$log_density(d$time), f$log_survival(d$time)))
    if (is.finite(value)) value else 1e10
  }
  p <- optim(start, minus, method = "Nelder-Mead", control = list(maxit = 5000, reltol = 1e-14))$par
  p <- optim(p, minus, method = "BFGS", control = list(maxit = 1000, reltol = 1e-15))$par
  # Newton steps in units of the standard errors, in which differences lose the fewest digits.
  information <- optimHess(p, minus, control = list(ndeps = rep(1e-4, length(p))))
  root <- diag(length(p))
  for (i in 1:6) {
    e <- eigen(information, symmetric = TRUE)
    root <- root %*% e$vectors %*% diag(1 / sqrt(pmax(e$values, 1e-8 * max(e$values))), length(p))
    around <- function(z) minus(p + as.vector(root %*% z))
    zero <- rep(0, length(p))
    more <- list(eps = 2e-3, d = 2e-3, r = 4)
    information <- hessian(around, zero, method.args = more)
    p <- p - as.vector(root %*% solve(information, grad(around, zero, method.args = more)))
  }
  around <- function(z) minus(p + as.vector(root %*% z))
  covariance <- root %*% solve(hessian(around, zero, method.args = more)) %*% t(root)
  list(theta = p, covariance = covariance, log_likelihood = -minus(p), f = model)
}

from_survreg <- function(d, dist) {
  fit <- survreg(Surv(time, event) ~ 1, d, dist = dist,
                 control = survreg.control(rel.tolerance = 1e-15, maxiter = 200))
  mu <- coef(fit)[[1]]
  turn <- switch(dist, exponential = matrix(-1), lognormal = diag(2),
                 matrix(c(0, 1, -1, 0), 2))  # (log shape, log scale) = (-log sigma, mu)
  raw <- if (dist == "exponential") mu else c(mu, log(fit$scale))
  f <- switch(dist,
    exponential = function(p) list(log_survival = function(t) -exp(p[1]) * t),
    weibull = weibull,
    lognormal = function(p) list(
      log_survival = function(t) plnorm(t, p[1], exp(p[2]), lower.tail = FALSE, log.p = TRUE)),
    loglogistic = function(p) list(
      log_survival = function(t) -log1p((t / exp(p[2]))^exp(p[1]))))
  list(theta = as.vector(turn %*% raw), covariance = turn %*% vcov(fit) %*% t(turn),
       log_likelihood = fit$loglik[1], f = f)
}

derived <- function(fit, last) {
  survival <- function(p, t) exp(fit$f(p)$log_survival(t))
  restricted <- function(p, tau) integrate(function(t) survival(p, t), 0, tau, rel.tol = 1e-11,
                                           subdivisions = 2000)$value
  delta <- function(g) {
    slope <- grad(g, fit$theta)
    sqrt(as.vector(slope %*% fit$covariance %*% slope))
  }
  half <- last / 2; far <- 2 * last
  c(survival_half = survival(fit$theta, half), survival_far = survival(fit$theta, far),
    se_far = delta(function(p) log(-fit$f(p)$log_survival(far))),
    restricted_mean = restricted(fit$theta, far),
    se_restricted_mean = delta(function(p) log(restricted(p, far))))
}

rows <- list()
keep <- function(data, arm, model, fit, last, knots = NULL) {
  message(paste(data, arm, model))
  p <- length(fit$theta)
  add <- function(what, value) rows[[length(rows) + 1]] <<- data.frame(
    data = data, arm = arm, model = model, what = what, value = value)
  add("log_likelihood", fit$log_likelihood)
  for (i in seq_len(p)) add(paste0("theta_", i), fit$theta[i])
  for (i in seq_len(p)) for (j in seq_len(i)) add(paste0("cov_", i, "_", j), fit$covariance[i, j])
  more <- derived(fit, last)
  for (name in names(more)) add(name, more[[name]])
  for (i in seq_along(knots)) add(paste0("knot_", i), knots[i])
}

for (data in c("lung_months", "veteran")) {
  all <- read.csv(file.path("patients", paste0(data, ".csv")), stringsAsFactors = FALSE)
  last <- max(all$time)
  for (arm in unique(all$arm)) {
    d <- all[all$arm == arm, ]
    known <- list()
    for (dist in c("exponential", "weibull", "lognormal", "loglogistic")) {
      known[[dist]] <- from_survreg(d, dist)
      keep(data, arm, dist, known[[dist]], last)
    }
    w <- known$weibull$theta
    rate <- known$exponential$theta
    keep(data, arm, "gompertz", maximised(d, gompertz, c(0.001, rate)), last)
    keep(data, arm, "gamma", maximised(d, gamma_, c(0.1, rate)), last)
    keep(data, arm, "gengamma", maximised(d, gengamma, c(w[2], -w[1], 0.8)), last)
    x <- log(d$time[d$event == 1])
    for (inner in 1:2) for (scale in c("hazard", "odds", "normal")) {
      knots <- quantile(x, seq(0, 1, length.out = inner + 2), names = FALSE)
      line <- switch(scale, hazard = known$weibull, odds = known$loglogistic, normal = known$lognormal)
      start <- if (scale == "normal") c(-line$theta[1], 1) / exp(line$theta[2]) else
        c(-line$theta[2], 1) * exp(line$theta[1])
      fit <- maximised(d, spline(scale, knots), c(start, rep(0, inner)))
      keep(data, arm, paste("spline", scale, inner, sep = "-"), fit, last, knots)
    }
  }
}
all <- read.csv("patients/colon_years.csv", stringsAsFactors = FALSE)
for (arm in unique(all$arm)) {
  d <- all[all$arm == arm, ]
  keep("colon_years", arm, "cure-weibull", maximised(d, cure, c(0, 0, 1)), max(all$time))
}

# With a treatment effect on the location, as flexsurv has it.
for (data in c("lung_months", "veteran")) {
  all <- read.csv(file.path("patients", paste0(data, ".csv")), stringsAsFactors = FALSE)
  all$arm <- factor(all$arm, levels = unique(all$arm))
  for (dist in c("exponential", "weibull", "lognormal", "loglogistic")) {
    fit <- survreg(Surv(time, event) ~ arm, all, dist = dist,
                   control = survreg.control(rel.tolerance = 1e-15, maxiter = 200))
    sign <- if (dist == "exponential") -1 else 1  # of the rate, not of time
    for (each in list(c("log_likelihood", fit$loglik[2]), c("effect", sign * coef(fit)[[2]]),
                      c("effect_se", sqrt(vcov(fit)[2, 2]))))
      rows[[length(rows) + 1]] <- data.frame(data = data, arm = "both", model = dist,
                                             what = each[1], value = as.numeric(each[2]))
  }
}

found <- do.call(rbind, rows)
found$value <- formatC(found$value, digits = 12, format = "g", width = 1)
write.csv(found, "parametric.csv", row.names = FALSE, quote = FALSE)
