"""Where a dialogue sends the call next. The dialplan has one extension for each."""

from enum import StrEnum


class Route(StrEnum):
    LINE = "line"  # to the waiting line, and so to a person
    STATUS = "status"
    CALLBACK = "callback"
    ENTERPRISE = "enterprise"  # the line, for seats that serve enterprises
    DIALECT = "dialect"  # the line, for seats that speak his dialect
    WISHED = "wished"  # the line again, in the same place and with another wish
    MESSAGE = "message"  # leave one, and be rung back
    END = "end"
