"""The quality gates on a manuscript's chunks, in one place.

What blocks is certain and quickly mended; what warns needs the author's eye, since fiction may do it on purpose.

| gate | finds | should |
|---|---|---|
| `mojibake` | encoding damage | block |
| `editing_notes` | TODO, TK, `FIX THIS`, comments, version lines, a chat assistant's words; in headings too | block |
| `bracketed_notes` | `[insert name]`, `(add description)`, `XXX` in a sentence, `CUT THE LINE`, `19XX` | warn |
| `leakage` | training text on the validation side | block |
| `front_matter` | title page, imprint, contents, licence, page numbers, running heads | warn |
| `fragments` | chunks that are too short or too long | warn |
| `near_duplicates` | passages that stand twice, or nearly | warn |
| `language` | chunks in another language | warn |
| `person_share` | chunks told in another person | warn |
| `scene_balance` | scene types far from their goal | warn |
"""

from gaea_assets.manuscript.quality.editing_notes import bracketed_notes, editing_notes
from gaea_assets.manuscript.quality.fragments import fragments
from gaea_assets.manuscript.quality.front_matter import front_matter
from gaea_assets.manuscript.quality.language import language
from gaea_assets.manuscript.quality.leakage import leakage
from gaea_assets.manuscript.quality.mojibake import mojibake
from gaea_assets.manuscript.quality.narrative_person import person_share
from gaea_assets.manuscript.quality.near_duplicates import near_duplicates
from gaea_assets.manuscript.quality.scene_balance import scene_balance

__all__ = [
    "bracketed_notes",
    "editing_notes",
    "fragments",
    "front_matter",
    "language",
    "leakage",
    "mojibake",
    "near_duplicates",
    "person_share",
    "scene_balance",
]
