# Reference values from R's survival package, and the patients that they belong to.
#
# The patients are those of data sets published in survival (see ?lung and its neighbours there).
# Run in this folder: Rscript survival_reference.R
# Writes patients/<data set>.csv (time, event, arm; the reference arm first), curves.csv, arms.csv,
# tests.csv and versions.txt. The test suite reads those and needs no R.

library(survival)
options(digits = 17, scipen = 0)

patients <- list()
add <- function(name, time, event, arm, reference) {
  keep <- complete.cases(time, event, arm) & time > 0
  arm <- as.character(arm)[keep]
  arm <- factor(arm, levels = c(reference, setdiff(sort(unique(arm)), reference)))
  frame <- data.frame(time = time[keep], event = as.integer(event[keep]), arm = arm)
  patients[[name]] <<- frame[order(frame$arm, frame$time, -frame$event), ]
}

with(aml, add("aml", time, status, x, "Maintained"))
with(lung, add("lung", time, status == 2, ifelse(sex == 1, "male", "female"), "male"))
with(veteran, add("veteran", time, status, ifelse(trt == 1, "standard", "test"), "standard"))
with(ovarian, add("ovarian", futime, fustat, paste0("rx", rx), "rx1"))
death <- subset(colon, etype == 2 & rx != "Lev")
with(death, add("colon", time, status, as.character(rx), "Obs"))
with(kidney, add("kidney", time, status, ifelse(sex == 1, "male", "female"), "male"))
rotterdam_trial <- subset(rotterdam, nodes > 0)
with(rotterdam_trial, add("rotterdam", dtime, death, paste0("chemo", chemo), "chemo0"))
with(pbc, add("pbc", time, status == 2, ifelse(trt == 1, "penicillamine", "placebo"), "placebo"))
# Heavy ties: whole months of about 30 days, and whole years.
with(lung, add("lung_months", ceiling(time / 30.4375), status == 2,
               ifelse(sex == 1, "male", "female"), "male"))
with(death, add("colon_years", ceiling(time / 365.25), status, as.character(rx), "Obs"))
# Heavy censoring: follow-up of the primary biliary cholangitis trial cut at two years.
with(pbc, add("pbc_cut", pmin(time, 730), status == 2 & time <= 730,
              ifelse(trt == 1, "penicillamine", "placebo"), "placebo"))
# Both curves come down to 0; survival is 0.5 exactly in the second arm from 5 to 7.
add("all_die", c(2, 3, 5, 8, 13, 1, 4, 5, 7, 9, 12, 6), rep(1, 12), rep(c("A", "B"), c(5, 7)), "A")
add("half", c(2, 4, 6, 8, 3, 5, 7, 9), c(1, 1, 1, 1, 1, 1, 0, 1), rep(c("A", "B"), each = 4), "A")
# Nobody in one arm has the event.
add("no_events", c(3, 5, 7, 9, 2, 4, 6, 8), c(0, 0, 0, 0, 1, 0, 1, 0), rep(c("A", "B"), each = 4), "A")

curves <- arms <- tests <- NULL
for (name in names(patients)) {
  data <- patients[[name]]
  write.csv(data, file.path("patients", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
  last <- tapply(data$time, data$arm, max)
  tau <- floor(0.75 * min(last))
  for (arm in levels(data$arm)) {
    fit <- survfit(Surv(time, event) ~ 1, data[data$arm == arm, ], conf.type = "log-log")
    wide <- summary(fit, censored = TRUE)
    curves <- rbind(curves, data.frame(
      data = name, arm = arm, time = wide$time, n_at_risk = wide$n.risk, n_events = wide$n.event,
      n_censored = wide$n.censor, survival = wide$surv, se = wide$std.err,
      lower = wide$lower, upper = wide$upper))
    table <- summary(fit, rmean = tau)$table
    at_tau <- summary(fit, times = tau, extend = TRUE)
    first <- fit$time[fit$surv <= 0.5 + 1e-9]
    arms <- rbind(arms, data.frame(
      data = name, arm = arm, n = table[["records"]], events = table[["events"]],
      median = table[["median"]], first_below_half = if (length(first)) first[1] else Inf,
      median_lower = table[["0.95LCL"]], median_upper = table[["0.95UCL"]],
      tau = tau, rmean = table[["rmean"]], rmean_se = table[["se(rmean)"]],
      survival_at_tau = at_tau$surv, se_at_tau = at_tau$std.err))
  }
  logrank <- survdiff(Surv(time, event) ~ arm, data)
  row <- data.frame(
    data = name, reference = levels(data$arm)[1], treatment = levels(data$arm)[2],
    logrank = logrank$chisq, logrank_p = pchisq(logrank$chisq, 1, lower.tail = FALSE),
    observed_reference = logrank$obs[1], observed_treatment = logrank$obs[2],
    expected_reference = logrank$exp[1], expected_treatment = logrank$exp[2])
  finite <- all(tapply(data$event, data$arm, sum) > 0)
  cox <- list(coef = NA, se = NA, wald_p = NA, score = NA, score_p = NA, lr = NA, lr_p = NA)
  zph <- list()
  for (scale in c("km", "identity", "rank", "log")) zph[[scale]] <- c(NA, NA)
  if (finite) {
    fit <- coxph(Surv(time, event) ~ arm, data, ties = "efron",
                 control = coxph.control(eps = 1e-14, iter.max = 100))
    whole <- summary(fit)
    cox <- list(coef = coef(fit)[[1]], se = sqrt(vcov(fit)[1, 1]),
                wald_p = whole$coefficients[1, 5], score = whole$sctest[[1]],
                score_p = whole$sctest[[3]], lr = whole$logtest[[1]], lr_p = whole$logtest[[3]])
    for (scale in names(zph)) zph[[scale]] <- cox.zph(fit, transform = scale)$table[1, c(1, 3)]
  }
  row <- cbind(row, as.data.frame(cox))
  for (scale in names(zph)) {
    row[[paste0("zph_", scale)]] <- zph[[scale]][[1]]
    row[[paste0("zph_", scale, "_p")]] <- zph[[scale]][[2]]
  }
  tests <- rbind(tests, row)
}

save <- function(frame, name) {
  for (column in names(frame)) if (is.double(frame[[column]])) {
    frame[[column]] <- formatC(frame[[column]], digits = 15, format = "g", width = 1)
  }
  write.csv(frame, name, row.names = FALSE, quote = FALSE)
}
# Two large data sets would make most of curves.csv; every tenth row of theirs says as much.
large <- curves$data %in% c("rotterdam", "colon")
save(curves[!large | seq_len(nrow(curves)) %% 10 == 0, ], "curves.csv")
save(arms, "arms.csv")
save(tests, "tests.csv")
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "versions.txt")
