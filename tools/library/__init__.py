"""Builds the library's graphs in `data/` from the tables in `data/tables/` (`python -m tools.library`)."""
