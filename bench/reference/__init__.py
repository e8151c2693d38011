"""The reference: the pipeline of Rasa's documentation, stock stores, stock channel, stock action server."""
