"""Turn -> ScoredTurn."""
