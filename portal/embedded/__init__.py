"""The server that needs nothing else: private PostgreSQL, secrets, mail sink and their supervisor."""
