"""From an author's files to training examples: read, split, cut into prompt and completion."""
