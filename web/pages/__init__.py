"""One file a screen: it asks the desk and the board, and shows."""
