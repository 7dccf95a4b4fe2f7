"""An author's files, whatever their kind, as text in one normal form; start with `reader.read_document`."""
