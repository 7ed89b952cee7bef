"""Word files for tests: made by python-docx, with what it cannot write put in as XML."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write_docx(path: Path, body: str, *, parts: dict[str, str] | None = None) -> Path:
    """A minimal Word file with `body` as the inside of its w:body, and other parts by name."""
    spaces = (
        f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    document = f"<w:document {spaces}><w:body>{body}</w:body></w:document>"
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="word/document.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>'
        "</Relationships>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("_rels/.rels", rels)
        file.writestr("word/document.xml", document)
        for name, content in (parts or {}).items():
            file.writestr(name, content.replace("<w:ROOT", f"<w:ROOT {spaces}"))
    return path


def p(*runs: str, style: str = "", properties: str = "") -> str:
    """A paragraph of runs, each plain words or the XML of a run's inside."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    inside = "".join(r if r.startswith("<") else run(r) for r in runs)
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{inside}</w:p>"


def run(text: str, properties: str = "") -> str:
    """A run of words with the properties given."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def table(rows: Iterable[Iterable[str]]) -> str:
    """A table of cells, each plain words or the XML of a w:tc."""
    return (
        "<w:tbl>"
        + "".join(
            "<w:tr>"
            + "".join(c if c.startswith("<") else f"<w:tc>{p(c)}</w:tc>" for c in row)
            + "</w:tr>"
            for row in rows
        )
        + "</w:tbl>"
    )
