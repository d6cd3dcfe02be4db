"""Which entries of two registries are of one person: with names, or between institutions with encodings that hold none.

A pair of persons is weighed (`scored`, by splink; or `encoded_pairs`, by the likeness of two encodings), then decided (`decisions`):
link, review or no link, each with its reason. `docs/linkage.md` says how and how well.
"""
