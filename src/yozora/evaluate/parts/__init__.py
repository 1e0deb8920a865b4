"""The creation modes as parts of a suite: each gives, one after the other, what makes its films and measures them."""
