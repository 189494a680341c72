"""Second factors, sign-on from outside, reveals and exports."""
