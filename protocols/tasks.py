"""Jobs of the documents."""
