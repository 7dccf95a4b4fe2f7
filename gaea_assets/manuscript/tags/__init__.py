"""What a chunk is and what a manuscript is about; start with `tagging.tag_chunks` and `themes.themes`."""
