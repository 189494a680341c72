"""What a case is: states and moves, clocks, work calendar, numbers. Pure: no I/O, no clock reading."""
