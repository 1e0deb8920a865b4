"""The queue, and the processes that make films out of it."""
