"""What people write, as what the world's weights understand: known words, synonyms, and what cannot be honoured.

Needs no torch and no weights: which nouns a set of weights knows is given to it.
"""

from yozora.language.reading import PromptReading, notes_on, read

__all__ = ["PromptReading", "notes_on", "read"]
