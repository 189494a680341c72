"""The voice menus as they ship: files a city copies and edits."""
