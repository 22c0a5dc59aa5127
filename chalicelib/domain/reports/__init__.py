"""Reports: the day, a scan and a backfill in few words."""
