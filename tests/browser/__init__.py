"""The web widget in a real browser."""
