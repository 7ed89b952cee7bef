"""What the bot says of itself, in both languages; labels of answers and checks have their own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from assistant.conversation import Reason

ErrorCode = Literal[
    "fault",  # ours; {id} is what the log has it under
    "busy",
    "late",  # it could not be answered for so long that it was given up
    "empty",
    "too_long",  # the question
    "text_too_long",  # the text to check
    "full",  # the thread
    "gone",  # what a button stood for
    "no_documents",  # those of the channel's settings are there no more
    "model",  # the chat model asked for could not answer
]
ERRORS: tuple[ErrorCode, ...] = get_args(ErrorCode)

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            # Under an answer.
            "sources_one": "출처 {count}건",
            "sources": "출처 {count}건",
            "sources_part": "출처 {first}–{last}",
            "continued": "(이어짐)",
            "up": "도움됨",
            "down": "아쉬움",
            "up_label": "이 답이 도움이 되었음",
            "down_label": "이 답이 아쉬움, 까닭 적기",
            "evidence": "근거 더 보기",
            "show_sources": "출처 보기",
            "hide_sources": "출처 숨기기",
            "language": "In English",
            "language_label": "같은 질문을 영어로",
            "open": "CiteBrief에서 열기",
            "ask": "질문",
            "documents_note": "선택한 문서 {count}건에서만 찾았습니다.",
            "whole_quotes": "인용한 대목 전체",
            "more_hits": "답에 쓰지 않은 가까운 대목",
            "no_more": "인용한 대목이 없습니다.",
            # Where the document does not say.
            "not_said": "문서에 없는 내용이라 답하지 않았습니다.",
            "only_you": "이 알림은 나에게만 보입니다.",
            # What is going on.
            "searching": "문서에서 찾는 중입니다…",
            "stopped": "답을 다 쓰지 못하고 멈추었습니다. 여기까지는 출처에서 확인된 문장입니다.",
            # Errors.
            "fault": "내부 오류가 생겨 답하지 못했습니다. 다시 질문해 주시고, 계속되면 관리자에게 "
            "요청 번호 {id}를 알려 주십시오.",
            "busy": "지금 질문이 많아 바로 답하지 못합니다. 잠시 뒤에 다시 질문해 주십시오.",
            "late": "Slack과 연결이 오래 끊겨 이 질문에 제때 답하지 못했습니다. 다시 질문해 "
            "주십시오.",
            "empty": "질문이 비어 있습니다. 궁금한 점을 한 문장으로 적어 주십시오.",
            "too_long": "질문이 너무 깁니다. {most}자 안으로 줄여 주십시오.",
            "text_too_long": "글이 너무 길어 검증하지 못했습니다. 나누어 검증해 주십시오.",
            "full": "한 스레드에는 질문을 {most}개까지 담습니다. 새 메시지로 다시 질문해 주십시오.",
            "gone": "이 답은 보관 기간이 지났거나 지워졌습니다. 다시 질문해 주십시오.",
            "no_documents": "이 채널에서 고른 문서가 더는 없습니다. /brief settings에서 문서를 "
            "다시 골라 주십시오.",
            "model": "언어 모델이 답하지 못했습니다. 다시 질문해 주십시오.",
            # A check of a message.
            "check_title": "브리프로 검증한 결과",
            "check_of": "검증한 메시지",
            # Settings of a channel.
            "settings": "설정",
            "settings_title": "이 채널의 설정",
            "settings_saved": "이 채널의 설정을 저장했습니다.",
            "save": "저장",
            "cancel": "취소",
            "send": "보내기",
            "answer_language": "답의 언어",
            "auto": "질문의 언어로",
            "ko": "언제나 한국어로",
            "en": "언제나 영어로",
            "which": "답을 찾을 문서",
            "which_hint": "고르지 않으면 문서함 전체에서 찾습니다.",
            "which_placeholder": "문서 고르기",
            "group": "문서 {first}–{last}",
            "quiet": "조용한 채널",
            "quiet_option": "조용히 답하기",
            "quiet_hint": "문서에 없는 질문이라는 알림과, 이어서 물어볼 질문을 보내지 않습니다.",
            # Feedback.
            "feedback_title": "답에 대한 의견",
            "why": "무엇이 아쉬웠습니까?",
            "note": "덧붙일 말",
            "note_hint": "적은 내용은 답의 품질을 높이는 데 쓰려고 보관합니다.",
            "thanks": "의견을 보내 주셔서 고맙습니다.",
            "wrong_citation": "인용이 잘못되었습니다",
            "not_supported": "인용이 답을 뒷받침하지 않습니다",
            "incomplete": "빠진 내용이 있습니다",
            "wrong_language": "다른 언어로 답했습니다",
            "should_have_answered": "문서에 있는데 답하지 않았습니다",
            # App Home.
            "home_title": "CiteBrief",
            "home_what": "정책 문서에 관한 질문에 한국어와 영어로 답합니다. 답의 모든 문장에 "
            "쪽수와 원문 인용이 붙으며, 문서에 없는 내용은 없다고 말합니다.",
            "home_covers": "다루는 문서",
            "home_nothing": "아직 문서가 없습니다. 관리자에게 문서를 넣어 달라고 해 주십시오.",
            "home_more": "그 밖에 {count}건",
            "home_pages": "{count}쪽",
            "home_examples": "이렇게 물어보십시오",
            "home_how": "사용법",
            "home_ways": "메시지 탭에서 바로 질문하십시오.\n"
            "채널에서는 @CiteBrief를 부르면 스레드에 답합니다. 그 스레드에서는 부르지 않아도 "
            "이어서 답합니다.\n"
            "메시지의 ‘추가 작업’ 메뉴에서 ‘브리프로 검증’을 고르면 문장마다 문서와 대조합니다.\n"
            "/brief 뒤에 질문을 쓰면 나에게만 답하고, /brief settings는 채널의 설정을 엽니다.",
            "home_privacy": "개인정보",
            "home_kept": "답한 스레드의 질문과 답은 이 봇을 운영하는 곳의 데이터베이스에 90일 동안 "
            "보관합니다. 봇이 있는 채널의 다른 메시지도 Slack이 봇에 보내지만, 봇은 보관하지 않고 "
            "버립니다. 메시지 내용은 로그에 남기지 않습니다.",
            "home_local": "질문을 Slack 밖의 다른 서비스로 보내지 않습니다.",
            "home_model": "답을 쓸 때 질문과 찾은 대목을 언어 모델({name})에 보냅니다.",
            "home_open": "브라우저에서 열기",
            # The command.
            "help": "/brief 질문: 나에게만 답합니다.\n"
            "/brief settings: 이 채널의 언어, 문서, 조용한 채널 여부를 정합니다.\n"
            "/brief help: 이 도움말을 봅니다.\n"
            "채널에서 @CiteBrief를 부르면 모두가 보는 스레드에 답합니다.",
        },
        "en": {
            "sources_one": "1 source",
            "sources": "{count} sources",
            "sources_part": "Sources {first}–{last}",
            "continued": "(continued)",
            "up": "Helpful",
            "down": "Not helpful",
            "up_label": "This answer was helpful",
            "down_label": "This answer was not helpful; say why",
            "evidence": "More evidence",
            "show_sources": "Show sources",
            "hide_sources": "Hide sources",
            "language": "한국어로",
            "language_label": "The same question in Korean",
            "open": "Open in CiteBrief",
            "ask": "Ask",
            "documents_note": "Searched in {count} chosen documents only.",
            "whole_quotes": "The cited passages in full",
            "more_hits": "Close passages that the answer does not use",
            "no_more": "There are no cited passages.",
            "not_said": "The documents do not say, so the question was not answered.",
            "only_you": "Only you can see this.",
            "searching": "Searching the documents …",
            "stopped": "The answer broke off. What stands here was checked against its sources.",
            "fault": "Something went wrong inside and the question was not answered. Please ask "
            "again; if it keeps happening, give your administrator the request id {id}.",
            "busy": "Many questions are waiting just now. Please ask again in a moment.",
            "late": "The connection to Slack was down too long to answer this in time. Please ask "
            "again.",
            "empty": "The question is empty. Please write what you would like to know.",
            "too_long": "The question is too long. Please keep it to {most} characters.",
            "text_too_long": "The text is too long to check at once. Please check it in parts.",
            "full": "A thread holds up to {most} questions. Please ask in a new message.",
            "gone": "This answer is no longer kept. Please ask again.",
            "no_documents": "The documents chosen for this channel are gone. Please choose again "
            "with /brief settings.",
            "model": "The language model could not answer. Please ask again.",
            "check_title": "Checked against the brief",
            "check_of": "The message that was checked",
            "settings": "Settings",
            "settings_title": "Channel settings",
            "settings_saved": "The settings of this channel are saved.",
            "save": "Save",
            "cancel": "Cancel",
            "send": "Send",
            "answer_language": "Language of answers",
            "auto": "As the question",
            "ko": "Always Korean",
            "en": "Always English",
            "which": "Documents to search",
            "which_hint": "With none chosen, the whole library is searched.",
            "which_placeholder": "Choose documents",
            "group": "Documents {first}–{last}",
            "quiet": "Quiet channel",
            "quiet_option": "Answer quietly",
            "quiet_hint": "Sends no notices of what the documents do not say, and no further "
            "questions.",
            "feedback_title": "Feedback",
            "why": "What was wrong?",
            "note": "Anything to add",
            "note_hint": "It is kept, to make answers better.",
            "thanks": "Thank you for your feedback.",
            "wrong_citation": "A citation is wrong",
            "not_supported": "The citations do not support the answer",
            "incomplete": "Something is missing",
            "wrong_language": "It is in the wrong language",
            "should_have_answered": "The documents do answer this",
            "home_title": "CiteBrief",
            "home_what": "Answers questions about policy documents, in Korean and English. Every "
            "sentence carries its page and a verbatim quote, and what the documents do not say, it "
            "says that they do not say.",
            "home_covers": "Documents",
            "home_nothing": "There are no documents yet. Please ask your administrator to add "
            "some.",
            "home_more": "{count} more",
            "home_pages": "{count} pages",
            "home_examples": "Questions to start with",
            "home_how": "How to use it",
            "home_ways": "Ask right away in the Messages tab.\n"
            "In a channel, mention @CiteBrief and it answers in the thread. In that thread it "
            "answers further questions without a mention.\n"
            "Choose “Check against the brief” from the menu of any message to hold each of its "
            "sentences against the documents.\n"
            "/brief with a question answers for you alone; /brief settings opens the settings of "
            "the channel.",
            "home_privacy": "Privacy",
            "home_kept": "Questions and answers of threads that it answered are kept for 90 days "
            "in the database of whoever runs this bot. Slack also sends it the other messages of "
            "channels that it is in; it drops them and keeps none. No text of messages is logged.",
            "home_local": "Questions are sent to no other service.",
            "home_model": "To write answers, the question and the passages found are sent to the "
            "language model ({name}).",
            "home_open": "Open in the browser",
            "help": "/brief QUESTION answers for you alone.\n"
            "/brief settings sets this channel's language, documents and whether it is quiet.\n"
            "/brief help shows this.\n"
            "Mention @CiteBrief in a channel for an answer in a thread that all can see.",
        },
    }
)


def words(lang: str, name: str, /, **values: object) -> str:
    """The words of this name in `lang`, with its values."""
    return WORDS[lang][name].format(**values)


def reason_words(reason: Reason, lang: str) -> str:
    """What was wrong with an answer, as a reader chooses it."""
    return WORDS[lang][reason]
