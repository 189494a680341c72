"""Starts it all: configuration, composition, command line."""
