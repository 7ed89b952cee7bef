"""What is said of uploads, in both languages: why a file was left out, why a request was refused.

The parsers' own sentences are English; in Korean, the code of the fault says the same more briefly.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from index.parse.errors import shown
from index.parse.parser import SUFFIXES

READ = "PDF, DOCX, HWPX, HTML, Markdown, TXT"

# Why one file was left out. {name}, {limit} in MB, and in English {detail} from the parser.
FILES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "encrypted": ("암호가 걸려 있습니다. 암호를 풀어 저장한 뒤 올려 주십시오.", "{detail}"),
        "empty": ("읽을 문장이 없습니다. 내용이 있는 파일인지 확인해 주십시오.", "{detail}"),
        "damaged": (
            "파일이 손상되었습니다. 원래 프로그램에서 다시 저장해 올려 주십시오.",
            "{detail}",
        ),
        "format": (
            f"읽지 않는 형식입니다. {READ} 가운데 하나로 저장해 올려 주십시오.",
            "{detail}",
        ),
        "suffix": (
            f"읽지 않는 형식입니다. {READ} 가운데 하나로 저장해 올려 주십시오.",
            f"This type of file is not read. Save it as one of {READ}, and upload that.",
        ),
        "name": (
            "파일 이름에 쓸 수 있는 글자가 없습니다. 이름을 바꾸어 올려 주십시오.",
            "Nothing of the file's name can be kept. Rename the file, and upload it again.",
        ),
        "large": (
            "파일 하나에 {limit}MB까지 올릴 수 있습니다. 나누어 올려 주십시오.",
            "A file may have {limit} MB. Split it, and upload the parts.",
        ),
        "too-large": ("읽기에 너무 큽니다. 나누어 올려 주십시오.", "{detail}"),
        "bomb": ("풀면 지나치게 커지는 파일이라 읽지 않았습니다.", "{detail}"),
        "no-text": (
            "글자를 찾지 못했습니다. 스캔한 문서라면 글자를 인식한 PDF로 올려 주십시오.",
            "{detail}",
        ),
        "encoding": (
            "글자 인코딩을 알 수 없습니다. UTF-8로 저장해 올려 주십시오.",
            "{detail}",
        ),
        "unreadable": ("서버가 파일을 읽지 못했습니다. 다시 올려 주십시오.", "{detail}"),
        "changing": ("읽는 동안 파일이 바뀌었습니다. 다시 올려 주십시오.", "{detail}"),
        "time": (
            "읽는 데 너무 오래 걸려 그만두었습니다. 나누어 올려 주십시오.",
            "Reading it took longer than a file may take. Split it, and upload the parts.",
        ),
        "memory": (
            "읽는 데 메모리가 너무 많이 들어 그만두었습니다. 나누어 올려 주십시오.",
            "Reading it took more memory than a file may take. Split it, and upload the parts.",
        ),
        "crashed": (
            "읽는 프로그램이 멈추었습니다. 다른 형식으로 저장해 올려 주십시오.",
            "It ended the program that read it. Save it in another format, and upload that.",
        ),
        "fault": (
            "예상하지 못한 문제로 읽지 못했습니다. 다른 형식으로 저장해 올려 주십시오.",
            "It could not be read for an unforeseen reason. Save it in another format.",
        ),
    }
)
OTHERWISE = ("읽지 못했습니다. 다른 형식으로 저장해 올려 주십시오.", "{detail}")

# Why a whole request was refused, or a job did not end well.
REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "nobody": (
            "이 서버에서는 문서를 올리거나 지울 수 없습니다. 관리자에게 문의해 주십시오.",
            "Documents cannot be uploaded or removed on this server. Ask who runs it.",
        ),
        "admins": (
            "관리자만 문서를 올리거나 지울 수 있습니다. 관리자에게 부탁해 주십시오.",
            "Only administrators can upload or remove documents. Ask one of them.",
        ),
        "login": (
            "로그인한 뒤에 문서를 올리거나 지울 수 있습니다.",
            "Log in to upload or remove documents.",
        ),
        "database": (
            "데이터베이스 없이 실행 중이라 문서를 보관할 수 없습니다. 관리자에게 문의해 주십시오.",
            "This server runs without a database, so it cannot keep documents. Ask who runs it.",
        ),
        "form": (
            "올린 내용을 읽을 수 없습니다. 파일을 골라 다시 올려 주십시오.",
            "What was sent cannot be read. Choose the files and upload them again.",
        ),
        "nothing": (
            "올릴 파일이 없습니다. 파일을 골라 주십시오.",
            "There is no file to upload. Choose one.",
        ),
        "many": (
            "한 번에 {most}개까지 올릴 수 있습니다. 나누어 올려 주십시오.",
            "Up to {most} files can be uploaded at once. Upload them in parts.",
        ),
        "whole": (
            "한 번에 올리기에는 너무 많습니다. 파일 하나에 {limit}MB, 한 번에 {most}개까지 "
            "올릴 수 있습니다.",
            "This is too much at once: a file may have {limit} MB, and an upload {most} files.",
        ),
        "busy": (
            "지금 처리할 파일이 많이 밀려 있습니다. 잠시 뒤에 다시 올려 주십시오.",
            "Many files are waiting already. Try again in a while.",
        ),
        "space": (
            "서버에 파일을 저장하지 못했습니다. 관리자에게 문의해 주십시오.",
            "The server could not store the files. Ask who runs it.",
        ),
        "unknown": (
            "그런 문서가 없습니다. 이미 지워졌을 수 있습니다.",
            "There is no such document. It may have been removed already.",
        ),
        "job": (
            "그런 작업이 없습니다. 끝난 지 오래되었거나 서버가 다시 시작되었습니다.",
            "There is no such job. It ended long ago, or the server was started anew.",
        ),
        "started": (
            "이미 끝난 작업이라 취소할 수 없습니다.",
            "This has ended already and cannot be cancelled.",
        ),
        "folder": (
            "처음부터 들어 있는 문서라 여기에서 지울 수 없습니다. 서버의 문서 폴더에 있는 "
            "파일입니다.",
            "This document is built in and cannot be removed here: it is a file of the server's "
            "library folder.",
        ),
        "locked": (
            "다른 프로그램이 문서를 바꾸는 중입니다. 잠시 뒤에 다시 시도해 주십시오.",
            "Another program is changing the library. Try again in a while.",
        ),
        "failed": (
            "내부 오류로 끝내지 못했습니다. 다시 시도해 주시고, 계속되면 관리자에게 알려 주십시오.",
            "An internal fault kept this from being done. Try again, and tell who runs the server "
            "if it goes on.",
        ),
    }
)


def why_skipped(code: str, lang: str, *, detail: str = "", limit: int = 0) -> str:
    """The sentence on a file that was left out; `detail` is the parser's own, in English."""
    korean, english = FILES.get(code, OTHERWISE)
    words = korean if lang == "ko" else english
    return words.format(detail=detail or FILES["fault"][1], limit=limit)


def refusal(code: str, lang: str, *, limit: int = 0, most: int = 0) -> str:
    """The sentence on a request that was refused, or on a job that failed."""
    korean, english = REFUSALS.get(code, REFUSALS["failed"])
    return (korean if lang == "ko" else english).format(limit=limit, most=most)


def without_folder(text: str, path: Path) -> str:
    """`text` with `path` called by its name: where files lie on the server is not for readers."""
    for written in (shown(path), str(path)):
        text = text.replace(written, shown(path.name))
    return text


def is_read(name: str) -> bool:
    """Whether a file of this name is of a type that can be uploaded."""
    return Path(name).suffix.lower() in SUFFIXES
