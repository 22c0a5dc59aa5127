"""What runs the hub itself: who may call it, dead letters, redrive."""
