"""From what is pending to what is delivered."""
