"""Messages to the chat rooms and programs of those who want to know."""
