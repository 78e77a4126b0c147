"""Where triples live: change log, writer, generations, readers."""
