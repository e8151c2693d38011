"""The custom actions of the assistant."""
