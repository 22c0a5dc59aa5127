"""The Slack app: one living message for each problem and channel, with its history in the thread."""
