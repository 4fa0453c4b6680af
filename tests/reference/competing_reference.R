# Competing risks, from R's survival and cmprsk packages.
#
# Run in this folder: Rscript competing_reference.R
# Writes the patients competing/<data set>.csv (time, arm, cause; "" is censored; the reference arm
# first) and what R makes of them: competing.csv (by cause: cause-specific and subdistribution
# hazard ratios, Gray's test) and incidence.csv (cumulative incidence and Aalen's variance by arm,
# cause and time). The test suite reads these and needs no R.

suppressMessages({library(survival); library(cmprsk)})
options(digits = 17, scipen = 0)

simulated <- function(n, arms, rates, unit, seed) {
  set.seed(seed)
  arm <- rep(arms, length.out = n)
  shift <- 1 + 0.6 * (match(arm, arms) - 1)
  first <- rexp(n, rates[1] * shift)
  second <- rexp(n, rates[2] / shift)
  left <- runif(n, 5, 60)
  time <- pmin(first, second, left)
  cause <- ifelse(time == left, "", ifelse(time == first, "relapse", "death"))
  if (unit > 0) time <- ceiling(time / unit) * unit
  data <- data.frame(time, arm, cause)
  data[order(match(data$arm, arms)), ]
}

mgus <- with(mgus2, data.frame(
  time = ifelse(pstat == 1, ptime, futime),
  arm = as.character(sex),
  cause = ifelse(pstat == 1, "pcm", ifelse(death == 1, "death", ""))))
mgus <- mgus[mgus$time > 0, ]
sets <- list(
  mgus2 = mgus[order(match(mgus$arm, c("F", "M"))), ],
  untied = simulated(300, c("A", "B"), c(0.02, 0.015), 0, 1),
  tied = simulated(120, c("A", "B"), c(0.03, 0.02), 3, 2),
  three_arms = simulated(240, c("A", "B", "C"), c(0.02, 0.02), 0, 3),
  small = simulated(24, c("A", "B"), c(0.04, 0.03), 1, 4),
  few_tied = simulated(14, c("A", "B"), c(0.03, 0.02), 12, 22))  # more tied events than are at risk

rows <- NULL
points <- NULL
for (name in names(sets)) {
  data <- sets[[name]]
  write.csv(data, file.path("competing", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
  causes <- setdiff(sort(unique(data$cause)), "")
  status <- match(data$cause, causes, nomatch = 0)
  arm <- factor(data$arm, levels = unique(data$arm))
  curves <- cuminc(data$time, status, arm)
  at <- unique(quantile(data$time, c(0.1, 0.3, 0.5, 0.7, 0.85)))
  for (k in seq_along(causes)) {
    for (level in levels(arm)) {
      found <- timepoints(curves[paste(level, k)], at)
      points <- rbind(points, data.frame(
        data = name, cause = causes[k], arm = level, time = as.numeric(at),
        incidence = as.numeric(found$est), variance = as.numeric(found$var)))
    }
    row <- data.frame(
      data = name, cause = causes[k], gray = curves$Tests[k, "stat"], gray_p = curves$Tests[k, "pv"],
      log_shr = NA, se = NA, log_shr_survival = NA, robust_se = NA, log_chr = NA, chr_se = NA)
    if (nlevels(arm) == 2) {
      fit <- crr(data$time, status, cov1 = as.integer(arm) - 1, failcode = k,
                 gtol = 1e-12, maxiter = 100)
      row$log_shr <- fit$coef[[1]]
      row$se <- sqrt(fit$var[1, 1])
      own <- data.frame(time = data$time, arm = arm, id = seq_len(nrow(data)),
                        state = factor(status, 0:length(causes)))
      long <- finegray(Surv(time, state) ~ ., data = own, etype = as.character(k), id = id)
      weighted <- coxph(Surv(fgstart, fgstop, fgstatus) ~ arm, long, weights = fgwt,
                        cluster = id, ties = "breslow",
                        control = coxph.control(eps = 1e-13, iter.max = 100))
      row$log_shr_survival <- coef(weighted)[[1]]
      row$robust_se <- sqrt(vcov(weighted)[1, 1])
      cause <- coxph(Surv(data$time, status == k) ~ arm,
                     control = coxph.control(eps = 1e-13, iter.max = 100))
      row$log_chr <- coef(cause)[[1]]
      row$chr_se <- sqrt(vcov(cause)[1, 1])
    }
    rows <- rbind(rows, row)
  }
}
write.csv(rows, "competing.csv", row.names = FALSE, quote = FALSE)
write.csv(points, "incidence.csv", row.names = FALSE, quote = FALSE)
