"""The words callers hear, and the programs that voice and check them."""
