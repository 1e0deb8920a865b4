"""What is remembered: a database for rows, a storage for files."""
