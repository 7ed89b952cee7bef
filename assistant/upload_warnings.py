"""What a reader noticed of a document's file, in Korean: the parsers' own sentences are English.

They are kept in the record as `index.parse` wrote them, whichever version did, so each is known by
its form and its names and numbers are carried over. A sentence of no known form stays English.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "a PDF": "PDF",
        "a Word file": "Word 문서",
        "a web page": "웹 페이지",
        "Markdown": "Markdown",
        "plain text": "텍스트",
        "a Hangul file": "한글 문서",
    }
)
_PAGES = r"Pages? (?P<pages>[\d, -]+)"
_SCAN = (
    "글자를 인식한 PDF로 바꾸거나, 서버에 한국어와 영어용 Tesseract를 설치한 뒤 다시 올리십시오."
)
# The form of a whole sentence, and the same in Korean.
_FORMS: tuple[tuple[str, str], ...] = (
    (
        r"(?P<name>.+) is (?P<kind>[\w ]+) in spite of its name; it was read as such\.",
        "‘{name}’의 내용은 이름과 달리 {kind}입니다. 내용에 맞추어 읽었습니다.",
    ),
    (
        r"A part that another program embedded was not read\.",
        "다른 프로그램에서 끼워 넣은 부분은 읽지 못했습니다.",
    ),
    (
        r"Elements that lie too deep inside each other were not read\.",
        "요소가 너무 깊이 겹친 부분은 읽지 못했습니다.",
    ),
    (
        r"Too large, or of too long lines, for Markdown; it was read as plain text\.",
        "Markdown으로 읽기에는 너무 크거나 줄이 너무 길어, 텍스트로 읽었습니다.",
    ),
    (
        r"(?P<count>[\d,]+) places? (?:is|are) not valid (?P<encoding>[\w-]+) and shown as \ufffd; "
        r"the first is in line (?P<line>\d+) \(byte (?P<byte>\d+)\)\.",
        "{encoding} 문자로 읽을 수 없는 곳이 {count}군데 있어 \ufffd로 표시했습니다. 첫 번째는 "
        "{line}번째 줄에 있습니다(바이트 {byte}).",
    ),
    (
        rf"{_PAGES} could not be read: the file is damaged there\.",
        "{pages}쪽은 파일이 손상되어 읽지 못했습니다.",
    ),
    (
        r"The file's end is missing; what could be found of its (?P<count>\d+) pages was read\.",
        "파일의 끝부분이 없습니다. {count}쪽 가운데 찾을 수 있는 내용만 읽었습니다.",
    ),
    (
        rf"{_PAGES} holds? images only; .+\.",
        f"{{pages}}쪽에는 그림만 있어 글자를 읽지 못했습니다. {_SCAN}",
    ),
    (
        rf"{_PAGES} (?:has|have) fonts that do not say what their letters are; .+\.",
        f"{{pages}}쪽은 글꼴에 글자 정보가 없어 읽지 못했습니다. {_SCAN}",
    ),
    (
        rf"{_PAGES} holds? images in which OCR found no words\.",
        "{pages}쪽의 그림에서는 글자를 인식하지 못했습니다.",
    ),
    (
        rf"{_PAGES} (?:was|were) read by OCR; check quotes against the page\.",
        "{pages}쪽은 그림에서 글자를 인식해 읽었습니다. 인용문을 그 쪽과 맞추어 보십시오.",
    ),
    (
        rf"{_PAGES} (?:is a scan|are scans) with text that their maker's OCR recognised; check "
        r"quotes against the page\.",
        "{pages}쪽은 스캔한 것으로, 만든 사람의 프로그램이 인식한 글자가 들어 있습니다. 인용문을 "
        "그 쪽과 맞추어 보십시오.",
    ),
)


def told(warnings: Iterable[str], lang: str) -> list[str]:
    """The warnings in `lang`."""
    return [_korean(warning) if lang == "ko" else warning for warning in warnings]


def _korean(warning: str) -> str:
    for form, korean in _FORMS:
        if found := re.fullmatch(form, warning, re.DOTALL):
            held = found.groupdict()
            if "kind" in held:
                held["kind"] = _KINDS.get(held["kind"], held["kind"])
            if "pages" in held:
                held["pages"] = held["pages"].strip().replace("-", "~")
            return korean.format(**held)
    return warning
