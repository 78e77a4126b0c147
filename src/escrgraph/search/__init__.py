"""Finding records by words and facets: an index that follows the change log, and what is asked of it."""
