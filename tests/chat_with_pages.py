"""The chat's server with a PDF in its library, for the browser tests: python chat_with_pages.py.

`write` prepares the folder; the server reads it and offers the PDF as the record does.
"""

from pathlib import Path

from printed_pages import FakeOriginals, Line, boxes_of, printed, text_of

BRIEF = (
    Line("부산항 확장 계획", 40, 50),
    Line("부산항은 2030년까지 3조 원을 들여 확장된다.", 40, 90),
    Line("컨테이너 처리량은 12% 늘어날 것으로 예상된다. 정부가 비용의", 40, 112),
    Line("절반을 부담한다. 나머지는 민간 기업이 맡는다.", 40, 134),
    Line("어민들은 갯벌의 훼손에 대하여 보상을", 40, 280),
    Line("요구한다. 협의는 내년에 시작된다.", 40, 40, page=2),
)
QUESTIONS = {
    "line": "부산항 확장에 드는 비용은 얼마인가요?",
    "break": "어민들은 무엇을 요구하나요?",
}


def write(folder: Path) -> None:
    """The library: the text of the PDF, as if it had been parsed."""
    folder.mkdir()
    (folder / "harbour.txt").write_text(text_of(BRIEF) + "\n", encoding="utf-8")


def main() -> None:
    """Serve it with the settings in force."""
    import app
    from assistant.holdings import Holdings

    kept = FakeOriginals({"harbour": printed(BRIEF)}, {"harbour": boxes_of(BRIEF)})
    Holdings.original = lambda self, id: kept.original(id)
    Holdings.boxes = lambda self, id: kept.boxes(id)
    app.serve(app.load_settings())


if __name__ == "__main__":
    main()
