# Numbers of R's survival for times that differ in their last bits and for medians where survival
# is exactly one half: writes conventions.csv and patients/near-ties.csv beside this script.
#   cd tests/reference && Rscript conventions_reference.R
library(survival)
options(digits = 15)

near <- data.frame(
  time = c(1, 2, 2 + 1e-9, 3, 4, 5, 6, 7),
  event = c(1, 1, 1, 0, 1, 1, 0, 1),
  arm = c("A", "A", "B", "B", "A", "B", "A", "B")
)
write.table(
  transform(near, time = sprintf("%.17g", time)), "patients/near-ties.csv",
  sep = ",", row.names = FALSE, quote = FALSE
)
median_of <- function(time, event) {
  unname(summary(survfit(Surv(time, event) ~ 1))$table["median"])
}
values <- c(
  log_hazard_ratio = unname(coef(coxph(Surv(time, event) ~ arm, near))),
  log_hazard_ratio_untied = unname(
    coef(coxph(Surv(time, event) ~ arm, near, control = coxph.control(timefix = FALSE)))
  ),
  chi_square = survdiff(Surv(time, event) ~ arm, near)$chisq,
  median_flat = median_of(c(6, 6, 6, 12, 12, 18), rep(1, 6)),
  median_flat_censored = median_of(c(2, 4, 5, 9), c(1, 1, 0, 1)),
  median_flat_to_the_end = median_of(c(2, 4, 5, 9), c(1, 1, 0, 0)),
  median_not_flat = median_of(1:5, rep(1, 5))
)
write.csv(data.frame(name = names(values), value = sprintf("%.15g", values)),
          "conventions.csv", row.names = FALSE, quote = FALSE)
