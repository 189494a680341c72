"""What was said, as a draft: the final sentences of live transcripts and of messages."""
