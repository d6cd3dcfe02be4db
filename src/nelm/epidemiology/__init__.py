"""Rates, prevalence, and survival beside that of the population. Needs the extra `nelm[registry]`.

In survival, times are whole days since diagnosis, hazards are per day, and a year is 365.241 days.
"""
