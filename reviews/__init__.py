"""Reviews: the review cycle."""
