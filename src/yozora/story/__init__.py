"""Storyboards and who appears in them: boards, cards, sentences, a director, characters."""
