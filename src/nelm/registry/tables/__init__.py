"""Any table of persons, cases or tumours: read strictly, its columns stated, and the answers that are computed from it."""
