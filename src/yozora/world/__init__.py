"""The cut-out theatre: scenes drawn at random, rendered with ground truth, and captioned in every language."""
