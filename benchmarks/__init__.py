"""Benchmarks: a generator that scales the library, a runner that compares endpoints by URL, and the bars to hold."""
