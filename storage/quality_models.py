"""Quality checks: scoring sheets, drawn calls, scores and appeals."""
