"""CloudWatch: log groups, who writes them, and Logs Insights."""
