"""What came of the voice menus, by day, menu and version of the menu file."""
