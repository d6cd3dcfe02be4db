"""The same criteria over many patients: facts as columns, answers as tables. Needs the extra `nelm[cohort]`."""
