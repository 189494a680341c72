"""What we ring citizens and duty phones for by ourselves, and every attempt."""
