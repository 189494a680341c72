"""The case store. The only folder that speaks SQL."""
