"""Italics stand between asterisks."""

from pathlib import Path

from gaea_assets_tests.manuscript.documents.files import text


def test_underscores_make_italics_but_not_within_names(tmp_path: Path) -> None:
    assert text(tmp_path, "_Not him,_ she thought of file_name_two and (_never_).") == (
        "*Not him,* she thought of file_name_two and (*never*)."
    )
