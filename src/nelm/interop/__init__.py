"""What NELM says, in the languages of other systems."""
