"""Opens a station folder."""
