# Subgroups of three data sets, from R's survival package.
#
# Run in this folder: Rscript subgroups_reference.R
# Writes the patients with some of their covariates, subgroups/<data set>.csv (time in months, the
# reference arm first), and by variable and level what a forest plot reports, subgroups.csv:
# patients and events by arm, hazard ratio and 95% interval of coxph, and p of the likelihood-ratio
# test for interaction. The test suite and benchmarks read these and need no R.

library(survival)
options(digits = 17, scipen = 0)

cut_at <- function(x, at, names) factor(ifelse(x <= at, names[1], names[2]), levels = names)
death <- subset(colon, etype == 2 & rx %in% c("Obs", "Lev+5FU"))
sets <- list(
  colon = with(death, data.frame(
    time = time / 30.4375, event = status, arm = as.character(rx),
    sex = ifelse(sex == 1, "male", "female"), age = cut_at(age, 60, c("60 or less", "over 60")),
    nodes = ifelse(node4 == 1, "more than 4", "4 or fewer"),
    obstruction = ifelse(obstruct == 1, "yes", "no"))),
  rotterdam = with(subset(rotterdam, nodes > 0), data.frame(
    time = dtime / 30.4375, event = death, arm = ifelse(hormon == 1, "hormone", "none"),
    menopause = ifelse(meno == 1, "post", "pre"), grade = paste("grade", grade),
    size = as.character(size))),
  pbc = with(subset(pbc, !is.na(trt)), data.frame(
    time = time / 30.4375, event = as.integer(status == 2), arm = ifelse(trt == 1, "drug", "placebo"),
    sex = ifelse(sex == "f", "female", "male"), oedema = ifelse(edema > 0, "yes", "no"),
    stage = ifelse(stage == 4, "4", "1 to 3"))))
first <- c(colon = "Obs", rotterdam = "none", pbc = "placebo")

rows <- NULL
for (name in names(sets)) {
  data <- sets[[name]]
  data <- data[order(data$arm != first[[name]]), ]
  write.csv(data, file.path("subgroups", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
  data$arm <- factor(data$arm, levels = unique(data$arm))
  for (variable in setdiff(names(data), c("time", "event", "arm"))) {
    group <- factor(data[[variable]])
    both <- coxph(Surv(time, event) ~ arm * group, data)
    apart <- coxph(Surv(time, event) ~ arm + group, data)
    p <- anova(apart, both)[["Pr(>|Chi|)"]][2]
    for (level in levels(group)) {
      own <- data[group == level & !is.na(group), ]
      fit <- coxph(Surv(time, event) ~ arm, own)
      ends <- confint(fit)
      rows <- rbind(rows, data.frame(
        data = name, variable, level,
        n_reference = sum(own$arm == levels(data$arm)[1]),
        n_treatment = sum(own$arm == levels(data$arm)[2]),
        events_reference = sum(own$event[own$arm == levels(data$arm)[1]]),
        events_treatment = sum(own$event[own$arm == levels(data$arm)[2]]),
        hazard_ratio = exp(coef(fit)[[1]]), lower = exp(ends[1]), upper = exp(ends[2]),
        p_interaction = p))
    }
  }
}
write.csv(rows, "subgroups.csv", row.names = FALSE, quote = FALSE)
