"""NELM: a computable home for the consensus on neuroendocrine liver metastases."""

__version__ = "0.1.0"
