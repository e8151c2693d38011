"""What outlives a message: conversations, and the order in which their messages are answered."""
