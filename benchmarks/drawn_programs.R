# One Kaplan-Meier figure as a package of R draws it: rms, prodlim, cmprsk, GGally, ggfortify, survminer with
# further tables, or ggplot2 and patchwork in the look of ggsurvfit.
# Rscript drawn_programs.R patients.csv figure.png way=survplot kind=png end=60 ... (see drawn_programs.py)
suppressMessages(library(survival))
given <- commandArgs(trailingOnly = TRUE)
patients <- read.csv(given[1])
option <- setNames(sub("^[^=]*=", "", given[-(1:2)]), sub("=.*", "", given[-(1:2)]))
yes <- function(name) option[[name]] == "True"
number <- function(name) as.numeric(option[[name]])
set.seed(number("choice"))
patients$arm <- factor(patients$arm, levels = unique(patients$arm))
arms <- levels(patients$arm)
k <- length(arms)
formula <- if (k == 1) Surv(time, event) ~ 1 else Surv(time, event) ~ arm
fit <- survfit(formula, data = patients)
fit$call$formula <- formula
end <- number("end")
ticks <- seq(0, end + 1e-9, by = number("step"))
palettes <- list(c("black", "red", "green3", "blue"), c("#E41A1C", "#377EB8", "#4DAF4A", "#984EA3"),
                 c("#F8766D", "#00BFC4", "#7CAE00", "#C77CFF"), c("#1b9e77", "#d95f02", "#7570b3", "#e7298a"))
colours <- if (yes("black")) rep("black", k) else sample(palettes, 1)[[1]][1:k]
lines <- if (yes("black") || runif(1) < 0.15) 1:k else rep(1, k)
res <- number("res")
inches <- c(runif(1, 5.5, 8), runif(1, 5, 6.5))
title_x <- paste0("Time (", option[["unit"]], ")")

open_device <- function(file) switch(option[["kind"]],
  png = if (runif(1) < 0.3) ragg::agg_png(file, inches[1], inches[2], units = "in", res = res) else
    png(file, inches[1] * res, inches[2] * res, res = res),
  jpg = jpeg(file, inches[1] * res, inches[2] * res, res = res, quality = sample(70:95, 1)),
  pdf = if (runif(1) < 0.3) cairo_pdf(file, inches[1], inches[2]) else pdf(file, inches[1], inches[2]),
  svg = if (runif(1) < 0.3) svg(file, inches[1], inches[2]) else svglite::svglite(file, inches[1], inches[2]))

at_risk <- function(name, t) sum(patients$time[patients$arm == name] >= t)
events <- function(name, t) sum(patients$event[patients$arm == name & patients$time <= t])

# The corners of the curves, from (0, 1) to the end of the axis or of the data.
corners <- function() {
  shown <- summary(fit, times = sort(unique(c(0, patients$time[patients$time <= end], end))), extend = TRUE)
  steps <- data.frame(time = shown$time, surv = shown$surv, lower = shown$lower, upper = shown$upper,
                      arm = if (k == 1) arms else sub("^arm=", "", as.character(shown$strata)))
  last <- tapply(patients$time, patients$arm, max)
  steps <- steps[steps$time <= last[steps$arm], ]
  steps$arm <- factor(steps$arm, levels = arms)
  steps[order(steps$arm, steps$time), ]
}

# Where patients were censored, on the curve.
censored <- function(steps) {
  mine <- unique(patients[!patients$event & patients$time <= end, c("time", "arm")])
  mine$surv <- mapply(function(t, a) min(steps$surv[steps$arm == a & steps$time <= t]), mine$time, mine$arm)
  mine
}

draw_survplot <- function() {
  suppressMessages(library(rms))
  named <- npsurv(formula, data = patients)
  below <- sample(c("inside", "auto"), 1)
  par(mar = c(if (yes("table") && below == "auto") 5 + k else 4.5, if (below == "auto") 8 else 5, 1.5, 5))
  survplot(named, conf = if (yes("bands")) sample(c("bands", "bars"), 1, prob = c(0.7, 0.3)) else "none",
           xlim = c(0, end), time.inc = number("step"), n.risk = yes("table"), lty = lines, lwd = 1.5,
           col = colours, col.fill = adjustcolor(colours, 0.2), xlab = title_x,
           y.n.risk = if (below == "auto") "auto" else 0, cex.n.risk = 0.7, levels.only = TRUE,
           label.curves = if (k == 1) FALSE else sample(list(TRUE, list(keys = "lines")), 1)[[1]])
}

draw_prodlim <- function() {
  library(prodlim)
  named <- prodlim(if (k == 1) Hist(time, event) ~ 1 else Hist(time, event) ~ arm, data = patients)
  plot(named, atrisk = yes("table"), atrisk.at = ticks, confint = yes("bands"), xlim = c(0, end),
       axis1.at = ticks, col = colours, lty = lines, lwd = sample(c(1, 2, 3), 1), marktime = yes("marks"),
       percent = yes("percent"), xlab = title_x, ylab = "Survival probability", legend = k > 1,
       legend.x = sample(c("topright", "bottomleft"), 1), legend.cex = 0.9, legend.title = "",
       legend.legend = arms, atrisk.labels = arms, atrisk.title = "No. at risk")
}

draw_cuminc <- function() {
  library(cmprsk)
  found <- with(patients, cuminc(time, as.integer(event), arm))
  plot(found[grepl(" 1$", names(found))], main = "", curvlab = arms, xlim = c(0, end), lty = if (yes("black"))
    1:k else lines, color = colours, lwd = sample(1:2, 1), xlab = title_x, ylab = "Cumulative incidence")
}

axes_of <- function(plot, scale = 1) plot +
  ggplot2::scale_x_continuous(title_x, breaks = ticks, limits = c(0, end)) +
  ggplot2::scale_y_continuous("Survival", limits = c(0, 1), labels = if (yes("percent")) scales::percent else
    ggplot2::waiver())

draw_ggsurv <- function() {
  suppressMessages({library(ggplot2); library(GGally)})
  print(suppressMessages(axes_of(ggsurv(fit, CI = yes("bands"), plot.cens = yes("marks"), surv.col = colours,
    cens.col = sample(c("red", "black"), 1), lty.est = lines, back.white = runif(1) < 0.5, size.est = 0.7))))
}

draw_autoplot <- function() {
  suppressMessages({library(ggplot2); library(ggfortify)})
  print(suppressMessages(autoplot(fit, conf.int = yes("bands"), censor = yes("marks"), censor.size = 3,
    surv.linetype = 1, surv.size = 0.6) + labs(x = title_x, y = "Survival", colour = "", fill = "") +
    sample(list(theme_grey(), theme_bw(), theme_classic()), 1)[[1]]))
}

draw_survminer <- function() {
  suppressMessages({library(ggplot2); library(survminer)})
  table <- sample(c("nrisk_cumevents", "abs_pct", "nrisk_cumcensor", "absolute"), 1)
  print(ggsurvplot(fit, data = patients, palette = colours, linetype = lines, size = 0.7,
    censor = yes("marks"), conf.int = yes("bands"), risk.table = if (yes("table")) table else FALSE,
    cumevents = runif(1) < 0.5, ncensor.plot = runif(1) < 0.3, tables.height = 0.22, fontsize = 3, xlim = c(0, end),
    break.time.by = number("step"), legend.labs = arms, legend.title = "", xlab = title_x,
    tables.theme = sample(list(theme_survminer(), theme_cleantable()), 1)[[1]]), newpage = FALSE)
}

# The tables of ggsurvfit: one a statistic with a row an arm, or one an arm with a row a statistic.
tables <- function() {
  library(ggplot2)
  both <- sample(c("two", "joined", "arms", "risk"), 1, prob = c(0.4, 0.2, 0.2, 0.2))
  cells <- expand.grid(time = ticks, arm = arms, stringsAsFactors = FALSE)
  cells$risk <- as.character(mapply(at_risk, cells$arm, cells$time))
  cells$seen <- as.character(mapply(events, cells$arm, cells$time))
  one <- function(rows, values, title) ggplot(data.frame(time = cells$time, row = rows, value = values),
    aes(time, factor(row, levels = rev(unique(row))), label = value)) + geom_text(size = 3.3) + ggtitle(title) +
    coord_cartesian(xlim = c(0, end), clip = "off") + theme_bw() +
    theme(panel.grid = element_blank(), panel.border = element_blank(), axis.ticks = element_blank(),
          axis.title = element_blank(), axis.text.x = element_blank(), axis.text.y = element_text(size = 9,
          colour = "black"), plot.title = element_text(size = 10), plot.title.position = "panel")
  switch(both, risk = list(one(cells$arm, cells$risk, "At Risk")),
    two = list(one(cells$arm, cells$risk, "At Risk"), one(cells$arm, cells$seen, "Events")),
    joined = list(one(cells$arm, sprintf("%s (%s)", cells$risk, cells$seen), "At Risk (Events)")),
    arms = lapply(arms, function(name) {
      mine <- cells$arm == name
      cells <<- cells
      ggplot(data.frame(time = rep(cells$time[mine], 2), row = rep(c("At Risk", "Events"), each = sum(mine)),
                        value = c(cells$risk[mine], cells$seen[mine])),
             aes(time, factor(row, levels = c("Events", "At Risk")), label = value)) + geom_text(size = 3.3) +
        ggtitle(name) + coord_cartesian(xlim = c(0, end), clip = "off") + theme_bw() +
        theme(panel.grid = element_blank(), panel.border = element_blank(), axis.ticks = element_blank(),
              axis.title = element_blank(), axis.text.x = element_blank(), plot.title = element_text(size = 10))
    }))
}

draw_ggsurvfit <- function() {
  suppressMessages({library(ggplot2); library(patchwork)})
  steps <- corners()
  shown <- ggplot(steps, aes(time, surv, colour = arm, fill = arm, linetype = arm)) +
    geom_step(linewidth = 0.8)
  if (yes("bands")) shown <- shown + pammtools_ribbon(steps)
  if (yes("marks")) shown <- shown + geom_point(data = censored(steps), shape = 3, size = 2, show.legend = FALSE)
  shown <- axes_of(shown) + labs(y = "Survival Probability") + theme_bw() +
    theme(legend.position = if (k == 1) "none" else "bottom", panel.grid.minor = element_blank())
  shown <- shown + scale_colour_manual(NULL, values = colours) + scale_fill_manual(NULL, values = colours) +
    scale_linetype_manual(NULL, values = lines)
  if (!yes("table")) return(print(shown))
  below <- tables()
  heights <- c(1, rep(if (length(below) == 1) 0.05 + 0.05 * k else 0.16, length(below)))
  print(wrap_plots(c(list(shown), below), ncol = 1, heights = heights))
}

# A band of steps, as ggsurvfit draws it.
pammtools_ribbon <- function(steps) {
  stairs <- do.call(rbind, lapply(split(steps, steps$arm), function(mine) {
    n <- nrow(mine)
    data.frame(time = rep(mine$time, each = 2)[-1], lower = rep(mine$lower, each = 2)[-2 * n],
               upper = rep(mine$upper, each = 2)[-2 * n], arm = mine$arm[1])
  }))
  geom_ribbon(data = stairs, aes(x = time, ymin = lower, ymax = upper, fill = arm), alpha = 0.2, colour = NA,
              inherit.aes = FALSE)
}

open_device(given[2])
switch(option[["way"]], survplot = draw_survplot(), prodlim = draw_prodlim(), cuminc = draw_cuminc(),
       ggsurv = draw_ggsurv(), autoplot = draw_autoplot(), survminer = draw_survminer(),
       ggsurvfit = draw_ggsurvfit())
invisible(dev.off())
