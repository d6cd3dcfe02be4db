"""Data-quality checks: content, asked of one record or of a whole registry."""
