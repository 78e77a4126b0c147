"""What members bring, and what curators make of it."""
