"""One declared model for each public set."""
