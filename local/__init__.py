"""The one-machine stack: everything the hub needs from the outside world, on loopback."""

from infra import interpreter

interpreter.check()
