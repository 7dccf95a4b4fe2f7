"""Pictures alone in a paragraph of a Word file that recur: an author's ornament between scenes."""

from collections import Counter
from collections.abc import Sequence

from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

EMBED = qn("r:embed")
BLIP = qn("a:blip")
FEWEST = 2


def ornaments(document: WordDocument, paragraphs: Sequence[BaseOxmlElement]) -> frozenset[int]:
    """The indices of the paragraphs that hold nothing but a picture which stands so at two places or more."""
    pictures = {index: picture for index, element in enumerate(paragraphs) if (picture := _alone(document, element))}
    counts = Counter(pictures.values())
    return frozenset(index for index, picture in pictures.items() if counts[picture] >= FEWEST)


def _alone(document: WordDocument, paragraph: BaseOxmlElement) -> str:
    """The file of the one picture in a paragraph without words; nothing where there is no such picture."""
    found = [str(blip.get(EMBED)) for blip in paragraph.iter(BLIP)]
    if len(found) != 1 or found[0] not in document.part.rels:
        return ""
    if any((text.text or "").strip() for text in paragraph.iter(qn("w:t"))):
        return ""
    return document.part.rels[found[0]].target_ref
