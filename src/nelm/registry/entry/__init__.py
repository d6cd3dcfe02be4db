"""Who enters the registry, and who does not, by criteria that are content."""
