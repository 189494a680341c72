"""The knowledge base: articles, their versions, use and gaps."""
