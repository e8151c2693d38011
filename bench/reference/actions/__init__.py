"""The actions of the reference: the same answers, from what the reference understood."""
