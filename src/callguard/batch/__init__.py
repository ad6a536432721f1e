"""recorded calls -> CallReport."""
