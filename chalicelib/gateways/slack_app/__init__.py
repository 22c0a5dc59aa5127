"""The Slack app: one living message for each problem and channel, with its story in the thread."""
