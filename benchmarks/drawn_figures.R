# One Kaplan-Meier figure as R draws it: base graphics, ggplot2 or survminer.
# Rscript drawn_figures.R patients.csv figure.png way=base kind=png end=60 ... (see drawn_figures.py)
suppressMessages(library(survival))
given <- commandArgs(trailingOnly = TRUE)
patients <- read.csv(given[1])
option <- setNames(sub("^[^=]*=", "", given[-(1:2)]), sub("=.*", "", given[-(1:2)]))
yes <- function(name) option[[name]] == "True"
number <- function(name) as.numeric(option[[name]])
set.seed(number("choice"))
patients$arm <- factor(patients$arm, levels = unique(patients$arm))
fit <- survfit(Surv(time, event) ~ arm, data = patients)
if (nlevels(patients$arm) == 1) fit <- survfit(Surv(time, event) ~ 1, data = patients)
k <- nlevels(patients$arm)
ticks <- seq(0, number("end") + 1e-9, by = number("step"))
scale <- if (yes("percent")) 100 else 1
palettes <- list(c("black", "red", "green3", "blue"), c("#E41A1C", "#377EB8", "#4DAF4A", "#984EA3"),
                 c("#BC3C29", "#0072B5", "#E18727", "#20854E"), c("darkblue", "orange", "brown", "grey50"))
colours <- if (yes("black")) rep("black", 4) else sample(palettes, 1)[[1]]
lines <- if (yes("black") || runif(1) < 0.2) 1:4 else rep(1, 4)
width <- sample(c(1, 1.5, 2), 1)
res <- number("res")
inches <- c(runif(1, 5, 7.5), runif(1, 4.5, 6.5))
open_device <- function(file) switch(option[["kind"]],
  png = png(file, inches[1] * res, inches[2] * res, res = res),
  jpg = jpeg(file, inches[1] * res, inches[2] * res, res = res, quality = sample(60:95, 1)),
  pdf = pdf(file, inches[1], inches[2]), svg = svglite::svglite(file, inches[1], inches[2]))
title_x <- paste0("Time (", option[["unit"]], ")")

draw_base <- function() {
  par(mar = c(if (yes("table")) 5 + k else 4.5, if (yes("table")) 8 else 4.5, 2, 1),
      las = sample(0:1, 1), bty = sample(c("o", "l"), 1))
  plot(fit, col = colours[1:k], lty = lines[1:k], lwd = width, mark.time = yes("marks"),
       conf.int = yes("bands"), xlim = c(0, number("end")), xaxt = "n", yaxt = "n", ylim = c(0, 1),
       xlab = "", ylab = if (scale == 100) "Survival (%)" else "Survival probability",
       xaxs = sample(c("i", "r"), 1))
  axis(1, at = ticks)
  axis(2, at = seq(0, 1, 0.2), labels = if (scale == 100) seq(0, 100, 20) else TRUE)
  mtext(title_x, 1, 2.3)
  if (k > 1) legend(sample(c("topright", "bottomleft"), 1), levels(patients$arm), col = colours[1:k],
                    lty = lines[1:k], lwd = width, bty = sample(c("o", "n"), 1), cex = 0.9)
  if (!yes("table")) return(invisible())
  mtext("Number at risk", 1, 3.6, at = par("usr")[1], adj = 1, cex = 0.9)
  for (j in seq_len(k)) {
    mine <- patients$time[patients$arm == levels(patients$arm)[j]]
    mtext(levels(patients$arm)[j], 1, 3.6 + j, at = par("usr")[1] - 0.02 * number("end"), adj = 1, las = 1,
          cex = 0.8)
    mtext(sapply(ticks, function(t) sum(mine >= t)), 1, 3.6 + j, at = ticks, cex = 0.8, las = 1)
  }
}

draw_ggplot <- function() {
  suppressMessages(library(ggplot2))
  arm <- if (k == 1) rep(levels(patients$arm), length(fit$time)) else rep(levels(patients$arm), fit$strata)
  steps <- data.frame(time = fit$time, surv = fit$surv, lower = fit$lower, upper = fit$upper,
                      censored = fit$n.censor, arm = arm)
  steps <- rbind(steps, data.frame(time = 0, surv = 1, lower = 1, upper = 1, censored = 0,
                                   arm = levels(patients$arm)))
  steps <- steps[order(steps$arm, steps$time, -steps$surv), ]
  inside <- steps[steps$time <= number("end"), ]
  for (name in levels(patients$arm)) {  # drawn up to the end of the axis or of the data
    mine <- steps[steps$arm == name, ]
    if (max(mine$time) > number("end")) {
      last <- mine[max(which(mine$time <= number("end"))), ]
      last$time <- number("end"); last$censored <- 0
      inside <- rbind(inside, last)
    }
  }
  inside <- inside[order(inside$arm, inside$time, -inside$surv), ]
  inside$arm <- factor(inside$arm, levels = levels(patients$arm))
  shown <- ggplot(inside, aes(time, scale * surv, colour = arm, linetype = arm))
  if (yes("bands")) shown <- shown + geom_ribbon(aes(ymin = scale * lower, ymax = scale * upper, fill = arm),
                                                 alpha = 0.2, colour = NA)
  shown <- shown + geom_step(linewidth = 0.4 * width) +
    scale_x_continuous(title_x, breaks = ticks) +
    scale_y_continuous(if (scale == 100) "Survival (%)" else "Survival", limits = c(0, scale)) +
    scale_colour_manual(NULL, values = colours[1:k]) + scale_fill_manual(NULL, values = colours[1:k]) +
    scale_linetype_manual(NULL, values = lines[1:k])
  if (yes("marks")) shown <- shown + geom_point(data = inside[inside$censored > 0, ],
                                                shape = sample(c(3, 124), 1), size = 2, show.legend = FALSE)
  theme <- sample(list(theme_grey(), theme_bw(), theme_classic(), theme_minimal(), theme_light()), 1)[[1]]
  print(shown + theme + theme(legend.position = sample(c("right", "top", "bottom"), 1)))
}

draw_survminer <- function() {
  suppressMessages({library(ggplot2); library(survminer)})
  print(ggsurvplot(fit, data = patients, palette = colours[1:k], linetype = lines[1:k], size = 0.4 * width,
                   censor = yes("marks"), conf.int = yes("bands"), risk.table = yes("table"),
                   risk.table.y.text = runif(1) < 0.7, break.time.by = number("step"),
                   xlim = c(0, number("end")), legend.labs = levels(patients$arm), legend.title = "",
                   fun = if (scale == 100) "pct" else NULL, xlab = title_x,
                   surv.median.line = sample(c("none", "hv"), 1),
                   ggtheme = sample(list(theme_survminer(), theme_bw(), theme_minimal()), 1)[[1]],
                   pval = runif(1) < 0.4 && k > 1), newpage = FALSE)
}

open_device(given[2])
switch(option[["way"]], base = draw_base(), ggplot = draw_ggplot(), survminer = draw_survminer())
invisible(dev.off())
