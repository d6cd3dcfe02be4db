"""The annual report of a registry: what is computed from a freeze, as sections of text, tables and pictures."""
