"""News of runs for people in their chats: what each kind of webhook takes, and the way there."""
