"""Where a film comes from: signed content credentials and an invisible mark on whatever is made, and how to check both.

Knows no model and no device: what made a film is told as an `Origin`.
"""
