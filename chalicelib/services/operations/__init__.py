"""What runs the hub itself: the sweep, sign-in, dead letters, redrive."""
