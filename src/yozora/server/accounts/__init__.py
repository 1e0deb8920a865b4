"""Keys, and how much each may do."""
