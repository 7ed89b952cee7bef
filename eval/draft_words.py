"""What a draft says in Korean and English: what to ask for, why, and what is left to be written.

Every text that a person must still write begins with TODO or 할 일, as eval.check_wording reads it.
"""

from collections.abc import Mapping

from index.types import Lang

Both = Mapping[Lang, str]
TAIL: Both = {
    "ko": " 문장의 표현을 옮기지 말고 독자가 쓸 말로 쓰세요.",
    "en": " Use a reader's words, not the sentence's own.",
}
ASK: Mapping[str, Both] = {
    "date": {
        "ko": "할 일: 이 문장이 말하는 일이 언제인지 물으세요.",
        "en": "TODO: ask for the date that this sentence gives.",
    },
    "who": {
        "ko": "할 일: 이 문장에 이름이 나오는 사람이 누구인지, 이름을 밝히지 않고 물으세요.",
        "en": "TODO: ask who the person named in this sentence is, without naming them.",
    },
    "list": {
        "ko": "할 일: 이 문장이 늘어놓은 것을 모두 물으세요. 항목은 밝히지 마세요.",
        "en": "TODO: ask for all the things that this sentence lists, without naming any of them.",
    },
    "reason": {
        "ko": "할 일: 이 문장이 까닭을 밝히는 일을 두고 왜 그런지 물으세요. 까닭은 밝히지 마세요.",
        "en": "TODO: ask for the reason that this sentence gives, without giving it away.",
    },
    "definition": {
        "ko": "할 일: 이 문장이 풀이하는 말이 무슨 뜻인지 물으세요. 풀이는 밝히지 마세요.",
        "en": "TODO: ask what the term that this sentence explains means.",
    },
    "forecast": {
        "ko": "할 일: 이 문장이 내다보는 일이 앞으로 어떻게 될지 물으세요.",
        "en": "TODO: ask what is expected of the thing that this sentence looks ahead to.",
    },
    "recommendation": {
        "ko": "할 일: 이 문장이 다루는 문제를 두고 무엇을 해야 한다고 하는지 물으세요.",
        "en": "TODO: ask what should be done about the problem that this sentence addresses.",
    },
    "stance": {
        "ko": "할 일: 이 문장이 옮기는 주장을 누가 했는지 밝히고, 무엇이라고 했는지 물으세요.",
        "en": "TODO: name the party whose view this sentence reports, and ask what they say.",
    },
    "comparison": {
        "ko": "할 일: 이 문장이 견주는 것들이 어떻게 다른지, 무엇과 무엇인지 밝혀 물으세요.",
        "en": "TODO: name the things that this sentence compares, and ask how they differ.",
    },
    "table": {
        "ko": "할 일: 표를 보고 묻듯이, 이 칸에 무엇이 있는지 행과 열의 이름으로 물으세요.",
        "en": "TODO: ask what this cell of the table holds, by its row and its column.",
    },
}
NUMBER: Both = {
    "ko": "할 일: 이 문장에 나오는 {what} 물으세요.",
    "en": "TODO: ask for the {what} in this sentence.",
}
MEASURED: Mapping[str, Both] = {  # a kind of quantity, or the unit of a count -> what is asked
    "money": {"ko": "금액", "en": "sum of money"},
    "percent": {"ko": "비율", "en": "percentage"},
    "multiple": {"ko": "배수", "en": "multiple"},
    "duration": {"ko": "기간", "en": "length of time"},
    "measure": {"ko": "크기나 양", "en": "measure"},
    "person": {"ko": "사람 수", "en": "number of people"},
    "ship": {"ko": "배의 수", "en": "number of ships"},
    "count": {"ko": "수", "en": "number"},
}
NTH: Both = {"ko": "첫 두 세 네 다섯 여섯", "en": "first second third fourth fifth sixth"}
WHY: Mapping[str, Both] = {
    "number": {"ko": "수치", "en": "a figure"},
    "date": {"ko": "날짜", "en": "a date"},
    "who": {"ko": "이름이 나오는 사람", "en": "a named person"},
    "list": {"ko": "나열", "en": "a list"},
    "reason": {"ko": "까닭", "en": "a reason"},
    "definition": {"ko": "용어 풀이", "en": "a definition"},
    "forecast": {"ko": "전망", "en": "a forecast"},
    "recommendation": {"ko": "제안", "en": "a recommendation"},
    "stance": {"ko": "남의 주장", "en": "somebody's claim"},
    "comparison": {"ko": "비교", "en": "a comparison"},
    "table": {"ko": "표의 칸", "en": "a cell of a table"},
}
UNTOLD: Mapping[str, Both] = {
    "cost": {"ko": "비용이 얼마나 드는지", "en": "what it costs"},
    "date": {"ko": "정확히 언제인지", "en": "when exactly it is to be"},
    "reason": {"ko": "왜 그렇게 되었는지", "en": "why it came to that"},
    "chance": {"ko": "그렇게 될 확률이 몇 퍼센트인지", "en": "how likely it is, in per cent"},
    "who": {"ko": "책임자가 누구인지", "en": "who by name is in charge of it"},
    "reply": {"ko": "반대편은 무엇이라고 답했는지", "en": "what the other side replied"},
    "person": {"ko": "그 사람이 몇 살인지", "en": "how old that person is"},
    "method": {"ko": "그 수치를 어떻게 조사했는지", "en": "how the figure was arrived at"},
    "origin": {"ko": "그 말을 누가 처음 썼는지", "en": "who coined the term"},
}
GAP: Both = {
    "ko": "할 일: 메모에 적힌 문장과 가깝지만 문서에 답이 없는 것을 물으세요. 예: {what}. "
    "문서 어디에도 답이 없는지 확인하세요.",
    "en": "TODO: ask something close to the sentence in the note that the document does not "
    "answer, such as {what}. Make sure that no other sentence does.",
}
GAP_WHY: Both = {"ko": "near: 나오지 않음({what})", "en": "near: not said ({what})"}
PICK: Both = {  # a fact that only a person can pick out of the sentence
    "ko": "할 일: 답에 꼭 나와야 할 말을 문장에서 골라 쓰세요.",
    "en": "TODO: the words of the sentence that an answer must contain.",
}
AGAIN: Both = {  # the same in the other language
    "ko": "할 일: 한국어로 쓰면({}). 필요 없으면 지우세요.",
    "en": "TODO: the same in English ({}); delete this if it is not wanted.",
}
