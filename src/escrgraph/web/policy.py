"""What a browser may do on our pages: nothing from elsewhere (Content Security Policy Level 3)."""

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
