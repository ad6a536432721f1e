"""ScoredTurn -> Finding -> Verdict."""
