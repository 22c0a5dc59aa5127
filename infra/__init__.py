"""Infra: the CloudFormation templates and what keeps them true to the code; nothing in here ships."""

from infra import interpreter

interpreter.check()
