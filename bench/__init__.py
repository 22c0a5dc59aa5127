"""Benchmarks, each against a floor or a peer measured in the same run; `make` has a target for each."""

from infra import interpreter

interpreter.check()
