"""What the whole circuit keeps: requests of units, levels of review, supplements, recurrence."""
