"""Files of weights: ours, those of other projects, and how they come to this machine."""
