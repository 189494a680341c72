"""What callers did about their cases by themselves: urging and adding by voice."""
