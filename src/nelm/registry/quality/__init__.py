"""How good the records are, in all and centre by centre."""
