"""The database engine that puts the scope of tenancy on every transaction, and policies and triggers as SQL."""
