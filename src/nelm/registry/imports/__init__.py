"""Records come into the registry: tables with a mapping, exports, records; checked whole, kept whole, or given back with the reason."""
