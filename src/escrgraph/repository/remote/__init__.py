"""Remote engines: a SPARQL 1.1 server that others run answers the queries, and is kept as the change log says."""
