"""The words of the frame that a conversation is taken away in, in both languages."""

from collections.abc import Mapping
from types import MappingProxyType

FRAME: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "about": "CiteBrief가 답한 내용입니다. 문장마다 달린 각주에 문서, 쪽, 절과 원문이 "
            "있습니다.",
            "saved": "{date}에 내보냄",
            "question": "질문",
            "notes": "각주",
            "empty": "제목 없는 대화",
        },
        "en": {
            "about": "Answered by CiteBrief. The footnote of each sentence gives the document, "
            "page, section and original words.",
            "saved": "Exported {date}",
            "question": "Question",
            "notes": "Notes",
            "empty": "Untitled conversation",
        },
    }
)
# In the language of the answer.
ASKED: Mapping[str, str] = MappingProxyType({"ko": "{date}에 질문", "en": "Asked {date}"})
WHERE: Mapping[str, str] = MappingProxyType({"ko": "「{}」", "en": "{}"})
SECTION: Mapping[str, str] = MappingProxyType({"ko": "‘{}’", "en": "“{}”"})
