"""Made-up records: what is plausible stands in the content (`content/cohort/synthetic.yaml`); docs/synthetic-cohort.md tells."""
