"""other people's files -> Call and Turn."""
