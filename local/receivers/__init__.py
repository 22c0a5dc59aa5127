"""Look-alikes of receivers beside Slack: each takes what the real one takes, refuses what it refuses, and shows it.

demo       the receivers that the stack adds, one of each type
answer     what a look-alike responds with
mails      SNS and SES, which send mails
pagerduty  PagerDuty's Events API v2: incidents by their keys
teams      a workflow of Teams that posts Adaptive Cards
webhooks   a program that verifies webhooks as Standard Webhooks asks
server     all of them over HTTP, with a page that shows what came
"""
