"""Films as data, and what makes them: orders in, finished frames and sound out, files written whole."""
