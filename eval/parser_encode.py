"""Write the letters of a PDF by fpdf2 in the encoding that every reader knows.

fpdf2 embeds a table of codes of its own, which some readers take for one-byte codes: comparing them
on such files would measure one table, and not them. The letters are coded anew by the number that
each has in its font (Identity-H), with the table of what they stand for. Text set with other fonts
than composite ones is left as it is.
"""

import re
from pathlib import Path
from typing import Any

CODE = re.compile(r"<([0-9A-F]{4})> (\d+)$", re.MULTILINE)
MEANING = re.compile(r"<([0-9A-F]{4})> <([0-9A-F]+)>$", re.MULTILINE)
MOST = 100  # lines of a section of a table, as its format has it
TABLE = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def encode_plainly(path: Path) -> None:
    """Change the PDF at `path`."""
    import pikepdf

    known: dict[Any, dict[int, int]] = {}
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for page in pdf.pages:
            fonts = {}
            for name, font in page.Resources.get("/Font", {}).items():
                own = known.get(font.objgen)
                if own is None:
                    own = known[font.objgen] = _changed(pdf, font)
                fonts[name] = own
            _recode(pdf, page, fonts)
        pdf.save(path)


def _changed(pdf: Any, font: Any) -> dict[int, int]:
    """The number of each letter in the font by its code until now; the font takes the new ones."""
    import pikepdf

    if not isinstance(font.get("/Encoding"), pikepdf.Stream):
        return {}
    codes = {int(code, 16): int(number) for code, number in CODE.findall(_text(font.Encoding))}
    meanings = {
        codes[int(code, 16)]: meaning
        for code, meaning in MEANING.findall(_text(font.ToUnicode))
        if int(code, 16) in codes
    }
    rows = [f"<{number:04X}> <{meaning}>" for number, meaning in sorted(meanings.items())]
    parts = [rows[start : start + MOST] for start in range(0, len(rows), MOST)]
    table = "\n".join("\n".join([f"{len(p)} beginbfchar", *p, "endbfchar"]) for p in parts)
    font.Encoding = pikepdf.Name("/Identity-H")
    font.ToUnicode = pdf.make_stream(TABLE.format(table).encode("ascii"))
    return codes


def _text(stream: Any) -> str:
    return str(stream.read_bytes().decode("ascii"))


def _recode(pdf: Any, page: Any, fonts: dict[str, dict[int, int]]) -> None:
    import pikepdf

    codes: dict[int, int] = {}
    written = []
    instructions: Any = pikepdf.parse_content_stream(page)
    for operands, operator in instructions:
        name = str(operator)
        if name == "Tf":
            codes = fonts.get(str(operands[0]), {})
        given = list(operands)
        if codes and name == "Tj":
            given = [_string(given[0], codes)]
        elif codes and name == "TJ":
            parts = [
                _string(one, codes) if isinstance(one, pikepdf.String) else one for one in given[0]
            ]
            given = [pikepdf.Array(parts)]
        written.append((given, operator))
    page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(written))


def _string(text: Any, codes: dict[int, int]) -> Any:
    import pikepdf

    old = bytes(text)
    pairs = (int.from_bytes(old[i : i + 2], "big") for i in range(0, len(old), 2))
    return pikepdf.String(b"".join(codes[code].to_bytes(2, "big") for code in pairs))
