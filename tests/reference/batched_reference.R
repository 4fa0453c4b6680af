# Reference values from R's survival package for the batched analyses of two arms.
#
# A thousand data sets in four groups, from a dozen patients on six whole times to a hundred on a
# year of days; most are heavily censored. In a group all sets have the same number of patients,
# but not of patients in the treatment arm.
# Run in this folder: Rscript batched_reference.R
# Writes batched/patients.csv.gz (a set a row: its group, how many patients are in the reference
# arm, which come first, and all times, negative if censored), batched/estimates.csv.gz, and
# batched/versions.txt. NA is what the set does not determine.

library(survival)
set.seed(20250301, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
groups <- data.frame(n = c(12, 40, 60, 100), longest = c(6, 12, 30, 365))
sets_per_group <- 250

draw_set <- function(n, longest) {
  n_reference <- sample(seq(ceiling(0.2 * n), floor(0.8 * n)), 1)
  arm <- rep(0:1, c(n_reference, n - n_reference))
  hazard <- runif(1, 0.2, 2) / longest * exp(rnorm(1, 0, 0.7) * arm)
  died <- ceiling(rexp(n, hazard))
  censored <- ceiling(rexp(n, runif(1, 0.2, 6) / longest))
  data.frame(time = pmin(died, censored, longest), event = died <= pmin(censored, longest), arm = arm)
}

restricted_mean <- function(data, tau) {
  if (tau < min(data$time)) return(c(tau, 0))  # which summary.survfit refuses
  if (max(data$time) < tau && !all(data$event[data$time == max(data$time)])) return(c(NA, NA))
  table <- summary(survfit(Surv(time, event) ~ 1, data), rmean = tau)$table
  c(table[["rmean"]], table[["se(rmean)"]])
}

# Whether an event in one arm happened while somebody in the other was at risk.
beside <- function(data, arm) {
  any(data$time[data$event & data$arm == arm] <= max(data$time[data$arm != arm]))
}

estimates_of <- function(data, tau) {
  cox <- logrank <- c(NA, NA)
  if (beside(data, 0) && beside(data, 1)) {
    fit <- coxph(Surv(time, event) ~ arm, data, ties = "efron",
                 control = coxph.control(eps = 1e-14, iter.max = 200, toler.chol = 1e-15))
    cox <- c(coef(fit)[[1]], sqrt(vcov(fit)[1, 1]))
  }
  if (any(data$event)) {
    test <- survdiff(Surv(time, event) ~ arm, data)
    if (test$var[1, 1] > 1e-12) logrank <- c(test$exp[2], test$chisq)
  }
  c(cox, logrank, restricted_mean(data[data$arm == 0, ], tau), restricted_mean(data[data$arm == 1, ], tau))
}

patients <- estimates <- NULL
for (group in seq_len(nrow(groups))) for (set in seq_len(sets_per_group)) {
  data <- draw_set(groups$n[group], groups$longest[group])
  times <- paste(ifelse(data$event, data$time, -data$time), collapse = " ")
  patients <- rbind(patients, data.frame(group, n_reference = sum(data$arm == 0), times))
  tau <- groups$longest[group] / 2
  estimates <- rbind(estimates, c(group, tau, estimates_of(data, tau)))
}
colnames(estimates) <- c("group", "tau", "coef", "se", "expected_treatment", "chisq",
                         "rmean_reference", "rmean_reference_se",
                         "rmean_treatment", "rmean_treatment_se")

write_gz <- function(frame, name) {
  file <- gzfile(file.path("batched", name), "w", compression = 9)
  write.csv(frame, file, row.names = FALSE, quote = FALSE)
  close(file)
}
write_gz(patients, "patients.csv.gz")
write_gz(apply(estimates, 2, formatC, digits = 15, format = "g", width = 1), "estimates.csv.gz")
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "batched/versions.txt")
