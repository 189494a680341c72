"""The speech service: hears what callers say, for menus and for transcripts. A process of its own; no call depends on it."""
