"""AudioChunk -> Turn."""
