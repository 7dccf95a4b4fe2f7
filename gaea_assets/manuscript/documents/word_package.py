"""A Word file opened, or why it cannot be."""

import io
import zipfile
import zlib

import docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import PackageNotFoundError

from gaea_assets.errors import GaeaError

OLE_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STRICT = b"http://purl.oclc.org/ooxml/"
LARGEST_XML = 1 << 30
LONGEST_RELATIONS = 1 << 16


def opened(content: bytes, source: str) -> WordDocument:
    """The document of a `.docx` file's bytes.

    Raises:
        GaeaError: The file is password-protected, of an older kind, or damaged.
    """
    if content.startswith(OLE_CONTAINER):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise GaeaError(
                f"{source}: the file is password-protected; take the password off in Word and save it again"
            )
        raise GaeaError(f"{source}: the file is an old Word .doc, not a .docx; save it as .docx in Word")
    if not content:
        raise GaeaError(f"{source}: the file is empty (0 bytes); put the manuscript's .docx there")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist() if member.filename.endswith((".xml", ".rels")))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        raise GaeaError(
            f"{source}: the file is damaged (not a whole .docx); open it in Word and save it again"
        ) from None
    if size > LARGEST_XML:
        raise GaeaError(f"{source}: the file unpacks to {size:,} bytes of XML; split the manuscript over several files")
    try:
        return docx.Document(io.BytesIO(content))
    except (
        PackageNotFoundError,
        KeyError,
        ValueError,
        SyntaxError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ):
        if _is_strict(content):
            raise GaeaError(
                f"{source}: the file is a Strict Open XML document, a form of .docx that cannot be read here; save it "
                f'in Word as "Word Document (.docx)", not as "Strict Open XML Document"'
            ) from None
        raise GaeaError(
            f"{source}: the file is damaged or not a Word document; open it in Word and save it again as .docx"
        ) from None


def _is_strict(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("_rels/.rels") as relations:
            return STRICT in relations.read(LONGEST_RELATIONS)
    except (KeyError, ValueError, OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return False
