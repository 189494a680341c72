"""What people set for themselves: keys and looks."""
