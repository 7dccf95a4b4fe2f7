"""An author's files, whatever their kind, as text in one normal form; start with `reader.read_document`.

`decoding`, `page_furniture`, `markdown_text` (with `markdown_blocks`) and `word_document` make lines of a file; `gaps`
closes up what they leave out. Then `normal_form` leads them through the rest: `cleaning`, `blocks` and `line_joining`
make paragraphs, `emphasis`, `punctuation`, `ornaments`, `breaks` and `chapter_headings` give them one form.
"""
