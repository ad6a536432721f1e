"""source -> AudioChunk."""
