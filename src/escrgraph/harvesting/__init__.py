"""Giving the data out: every interface is a view of the change log at one generation, so that all of them agree."""
