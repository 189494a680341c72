"""Tables of kiosk_queue."""
