"""What comes from outside is looked at before it is used: words, files, addresses."""
