"""Who may do what: keys, sessions, and which web pages may talk to the server."""
