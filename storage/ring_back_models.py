"""Tables of what is owed to callers, beyond `call_models.RingBack`."""
