"""A conversation as Markdown with footnotes ([^1]).

Whatever comes from a document, a question or a model is escaped, so that it reads as it was written
and can become no heading, link, image, HTML, table, formula or footnote, in CommonMark and in what
GitHub, Pandoc and Obsidian add to it. Nothing of it is set in bold: `**트럼프(Trump)**는` would
stay literal.
"""

import re

from assistant.export.footnotes import Line, Paper, Part
from assistant.export.words import FRAME

_ALWAYS = re.compile(r"([\\`*_{}\[\]<>#|~$&^@])")
_RUN = re.compile(r"([=+:%-])\1+")  # ==mark==, ++insert++, ::div, %%hidden%%, -- a rule
_ADDRESS = re.compile(r"(://)|(?i:(www)(\.))|(?i:\b(mailto|xmpp)(:))")
_OPENING = re.compile(r"^(?:([-+=:!%])|(\d+)([.)]))")  # of a list, a rule, a heading, a definition


def markdown(paper: Paper) -> str:
    """The whole paper; its footnotes stand after the answer that they belong to."""
    lines = [f"# {escaped(paper.title.text)}", "", f"{escaped(paper.about)} {paper.saved}"]
    for part in paper.parts:
        lines += ["", *_part(part, paper)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """`text` as Markdown that shows just these letters, wherever on a line it stands."""
    text = _ALWAYS.sub(r"\\\1", text)
    text = _RUN.sub(lambda m: f"\\{m[1]}" * len(m[0]), text)
    text = _ADDRESS.sub(_broken, text)
    return _OPENING.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", text)


def _broken(match: re.Match[str]) -> str:
    """An address that no program takes for a link."""
    if match[1]:
        return r"\:\/\/"
    return f"{match[2]}\\{match[3]}" if match[2] else f"{match[4]}\\{match[5]}"


def _part(part: Part, paper: Paper) -> list[str]:
    asked = FRAME[paper.lang]["question"]
    lines = [f"## {asked} {part.number}. {escaped(part.question.text)}", ""]
    lines += ["\n\n".join(map(_sentence, part.lines) if part.lines else map(escaped, part.prose))]
    if part.notice:
        lines += ["", f"> {escaped(part.notice)}"]
    if part.facts:
        lines += ["", f"{escaped(' · '.join(part.facts))}"]
    for note in part.notes:
        lines += ["", f"[^{note.number}]: {escaped(note.text)}"]
    return lines


def _sentence(line: Line) -> str:
    words = " ".join(filter(None, (line.text, line.remark)))
    return escaped(words) + "".join(f"[^{mark.number}]" for mark in line.marks)
