"""The longitudinal record of one patient, and the facts that follow from it as of a date."""
