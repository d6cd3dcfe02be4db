# Survival of a cohort by relsurv, timed: Rscript relsurv.R FOLDER FIRST_YEAR LAST_YEAR ROUNDS
# FOLDER has cohort.csv, and male.csv and female.csv: the probability to live through a year, ages from 0 in rows, years in columns.
# Writes found.csv: method, survival at 5 years, the seconds of each round.
suppressMessages({library(survival); library(relsurv)})
given <- commandArgs(trailingOnly = TRUE)
folder <- given[1]
read <- function(name) unname(as.matrix(read.csv(file.path(folder, name), header = FALSE)))
years <- as.numeric(given[2:3])
table <- transrate(read("male.csv"), read("female.csv"), yearlim = years, int.length = 1)
people <- read.csv(file.path(folder, "cohort.csv"))
people$diagnosis <- as.Date(people$diagnosis)
five <- 5 * 365.241
lines <- character(0)
for (method in c("pohar-perme", "ederer2")) {
  seconds <- numeric(0)
  for (turn in seq_len(as.integer(given[4]))) {
    seconds[turn] <- system.time(
      fit <- rs.surv(Surv(time, dead) ~ 1, data = people, ratetable = table, method = method, add.times = five,
                     rmap = list(age = age, sex = sex, year = diagnosis))
    )[["elapsed"]]
  }
  name <- c("pohar-perme" = "PoharPerme", "ederer2" = "EdererII")[[method]]
  lines <- c(lines, paste(c(name, summary(fit, times = five)$surv, seconds), collapse = ","))
}
writeLines(lines, file.path(folder, "found.csv"))
