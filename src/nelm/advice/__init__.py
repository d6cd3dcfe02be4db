"""Guidelines applied to the facts of one patient: findings, verdicts, options, gaps, what-if."""
