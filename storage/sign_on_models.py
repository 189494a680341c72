"""Tables of sign_on."""
