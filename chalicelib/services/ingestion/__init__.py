"""From what arrives to what is stored: events, and the results of backfills."""
