"""From records to the facts table: sources, the moment that facts are as of, worker processes, parts of a table."""
