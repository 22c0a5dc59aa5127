"""PagerDuty: incidents that begin, are acknowledged and end with their problems."""
