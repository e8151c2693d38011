"""The understanding: Rasa components, and the parts of them that know no Rasa."""
