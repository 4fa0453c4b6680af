# Hazard ratios of other estimators than Cox regression with Efron's ties, from R's survival package.
#
# Run in this folder: Rscript estimators_reference.R
# Reads patients/<data set>.csv (the reference arm first) and writes estimators.csv, for data sets of
# two arms in which both have events: log hazard ratios of coxph with Breslow's ties, and from
# survdiff (O - E) / V (Mantel-Haenszel) and ln((O1 / E1) / (O0 / E0)). The test suite reads that
# and needs no R.

library(survival)
options(digits = 17, scipen = 0)

rows <- NULL
for (file in list.files("patients", pattern = "csv$")) {
  data <- read.csv(file.path("patients", file))
  data$arm <- factor(data$arm, levels = unique(data$arm))
  if (nlevels(data$arm) != 2 || any(tapply(data$event, data$arm, sum) == 0)) next
  fit <- coxph(Surv(time, event) ~ arm, data, ties = "breslow",
               control = coxph.control(eps = 1e-13, iter.max = 100))
  test <- survdiff(Surv(time, event) ~ arm, data)
  ratio <- test$obs / test$exp
  rows <- rbind(rows, data.frame(
    data = sub(".csv", "", file), breslow = coef(fit)[[1]], breslow_se = sqrt(vcov(fit)[1, 1]),
    mantel_haenszel = (test$obs[2] - test$exp[2]) / test$var[2, 2],
    observed_over_expected = log(ratio[2] / ratio[1])))
}
write.csv(rows, "estimators.csv", row.names = FALSE, quote = FALSE)
