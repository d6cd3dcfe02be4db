"""The registry: entry, checks, linkage, freezes, and the annual report."""
