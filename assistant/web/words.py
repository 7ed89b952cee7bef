"""The words of the page around the conversation, in both languages; the rest is in labels.py.

The browser has them all, under these names, so that a switch of the language asks nobody.
"""

from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "ask": "질문",
            "check": "문장 검증",
            "views": "화면 선택",
            "library": "문서함",
            "history": "지난 대화",
            "open_side": "문서함과 지난 대화 열기",
            "close_side": "닫기",
            "theme": "밝기 바꾸기",
            "theme_auto": "시스템 설정",
            "theme_light": "밝게",
            "theme_dark": "어둡게",
            "language": "언어",
            "logout": "로그아웃",
            "new_chat": "새 대화",
            "welcome": "무엇을 확인하고 싶으신가요?",
            "promise": "답의 모든 문장에 쪽수와 원문 인용이 붙습니다. 문서에 없는 내용은 없다고 "
            "말합니다.",
            "openings": "이런 질문으로 시작할 수 있습니다",
            "placeholder": "질문을 입력하세요",
            "keys": "Enter로 보내기 · Shift+Enter로 줄 바꿈",
            "longest": "2,000자까지",
            "editing": "질문을 고쳐 보내면 이 질문부터 대화가 새로 이어집니다.",
            "cancel_edit": "고치기 취소",
            "no_reply": "답을 받지 못했습니다. 잠시 뒤에 다시 보내 주십시오.",
            "scope_some": "선택한 문서 {count}건에만 묻습니다",
            "check_title": "문장 검증",
            "check_intro": "보도자료, 연설문, 기사 문단을 붙여 넣으면 문장마다 문서와 맞는지 "
            "확인합니다.",
            "check_placeholder": "확인할 글을 붙여 넣으세요",
            "check_button": "검증하기",
            "check_clear": "지우기",
            "check_running": "문장마다 문서와 대조하는 중입니다…",
            "check_export": "결과 내려받기",
        },
        "en": {
            "ask": "Ask",
            "check": "Check a text",
            "views": "View",
            "library": "Library",
            "history": "History",
            "open_side": "Open library and history",
            "close_side": "Close",
            "theme": "Change the brightness",
            "theme_auto": "System",
            "theme_light": "Light",
            "theme_dark": "Dark",
            "language": "Language",
            "logout": "Log out",
            "new_chat": "New conversation",
            "welcome": "What would you like to verify?",
            "promise": "Every sentence of an answer carries its page and a verbatim quote. What "
            "the documents do not say, it says that they do not say.",
            "openings": "Questions to start with",
            "placeholder": "Ask a question",
            "keys": "Enter sends · Shift+Enter for a new line",
            "longest": "Up to 2,000 characters",
            "editing": "Sending the edited question continues the conversation from here.",
            "cancel_edit": "Cancel editing",
            "no_reply": "No answer came back. Please send it again in a moment.",
            "scope_some": "Asking {count} selected documents only",
            "check_title": "Check a text",
            "check_intro": "Paste a press release, a speech or a paragraph, and every sentence is "
            "held against the documents.",
            "check_placeholder": "Paste the text to check",
            "check_button": "Check",
            "check_clear": "Clear",
            "check_running": "Holding each sentence against the documents …",
            "check_export": "Download the result",
        },
    }
)
