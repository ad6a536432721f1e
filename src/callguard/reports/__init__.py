"""CallReport -> what people read."""
