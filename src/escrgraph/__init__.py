"""escrgraph: economic, social and cultural rights as linked data."""

__version__ = "0.1.0"
