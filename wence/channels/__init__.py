"""The ways in and out: one edge, and a channel for each kind of client."""
