"""The monitoring hub: what happens in many AWS accounts, announced once, to the right people.

The packages, and the way of an event through them::

    app.py            triggers only: a table of contents
      container       the composition root: makes gateways and services, each once, on first use
      api             requests to queries, results and errors to responses, pages
        services      ingestion, alerting, notifying, reporting, agents, scanning, operations: what the system does
        gateways      DynamoDB, CloudWatch, EventBridge, SSM, SQS, and a package for each type of receiver
        config        routes.toml, scan.toml and sources.toml: what a team decides
          sources     a module or a declaration per kind of event: its model, severity, title and identity
            domain    events, alerts, routing, notifications, reports, agents, logs, scanning: what the words mean

    dict -> Envelope -> the source's detail model -> Event -> Alert.observe -> decision -> one transaction -> delivery

Imports run downwards only; import-linter keeps it so.
"""

__version__ = "0.2.0"
