"""Routing: who hears of what, when, and what silences it."""
