"""An author's files, whatever their kind, as text in one normal form; start with `reader.read_document`.

`decoding`, `markdown_text` and `word_document` make lines of a file. Then `normal_form` leads them through the rest:
`cleaning`, `blocks` and `line_joining` make paragraphs, `emphasis`, `punctuation` and `breaks` give them one form.
"""
