"""Units, duties and categories with their validity and search words."""
