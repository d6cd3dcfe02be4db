"""Freezes: what a registry knew on a day, as files that never change, with their hashes."""
