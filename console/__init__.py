"""The agents', supervisors', departments' and citizens' web pages."""
