"""The `nelm` command. It reads files, calls the packages below, prints; it holds no clinical logic."""
