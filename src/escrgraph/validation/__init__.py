"""May this be published? Parsing, shapes and sentences."""
