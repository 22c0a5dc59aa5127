"""The monitoring hub: what happens in many AWS accounts, told once, to the right people.

The rooms, and the way of an event through them::

    app.py            what can wake the hub: a table of contents
      web             requests to queries, results and errors to responses
      bootstrap       chooses the gateways and builds the hub, on first use
      hub             puts the services together, each when it is first asked for
        services      ingest, deliver, scan, report, agents: what the system does
        gateways      DynamoDB, Slack, Logs Insights, EventBridge, SSM: how it reaches the world
          sources     one module per kind of event: its model, severity, title and identity
            domain    events, alerts, notifications: what the words mean

    dict -> Envelope -> the source's detail model -> Event -> observe -> decide -> one transaction -> deliver

Imports run downwards only; import-linter keeps it so.
"""

__version__ = "0.1.0"
