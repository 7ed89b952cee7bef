"""The stance of a source sentence: fact, forecast, recommendation, or attributed to someone.

A sentence takes the stance of what it asserts last or mainly, not of every word in it. Korean
asserts in the predicate that closes the sentence, so that is what is read. English asserts in the
main clause, so the clause after a contrast counts, opening conditions, relative clauses and
embedded questions are set aside, and the first telling word of what is left decides. Rule-based;
not covered: irony, a stance that only the paragraph sets, and headlines.
"""

import re

from assistant.patterns import any_of, whole
from assistant.types import Stance
from index.types import Lang

Rules = tuple[tuple[Stance, re.Pattern[str]], ...]

# Syllables that end in ㄹ: 할 것이다 foretells, 하는 것이다 explains.
_L = "[" + "".join(chr(0xAC00 + 28 * i + 8) for i in range(399)) + "]"
_CLOSING = re.compile(r"[\s.。!…\"'”’」』)\]]+$")
# 합니다 and the clipped 함 of official papers, as the plain 한다 that the rules are written for.
_PLAIN = (
    (re.compile("(?<=[가-힣])습니다$|(?<=[있없했었았였겠])음$"), "다"),
    (re.compile("입니다$|(?<=[것망획침정수])임$"), "이다"),
    (re.compile("합니다$|함$"), "한다"),
    (re.compile("됩니다$|됨$"), "된다"),
    (re.compile("봅니다$|(?<=고 )봄$"), "본다"),
    (re.compile("(?<=보)(?:입니다|이다|임)$"), "인다"),
    (re.compile("힘$"), "혔다"),
    (re.compile("(?<=[필중절])(요|실)한다$"), r"\1하다"),
)
# How a verb of 하다 may close a sentence: 했다, 한다, 해왔다, 하고 있다, 하기도 했다.
_DO = "(?:했|한|하였|해 ?왔|하고 있|하고 나섰|하기도 했)다"
_PAPER = "(?:이|본) (?:보고서|브리프|글|연구|논문)"
# Korean by the predicate that closes the sentence; the first rule that holds decides.
_KOREAN: Rules = (
    # What the author says of "us", and what can be said at all, is stated as fact.
    ("fact", re.compile("^(?:우리는|우리도|우리가) (?!.*다고).*(?:비판|주장|요구|강조)한다$")),
    ("recommendation", re.compile(f"{_PAPER}는 .*야 한다고 [가-힣]+다$")),
    ("fact", re.compile(f"{_PAPER}의 [가-힣]+에 (?:따르|의하)면.*(?<!것)이다$")),
    (
        "fact",
        re.compile(
            any_of(
                "(?:라고|다고|로) (?:평가|말|판단)?할 수(?:도)? 있다",
                "(?:볼|알|말할|확인할) 수 있다|과언이 아니다",
                "수밖에 없다|수 없었다|수 있었다|[가-힣]기(?:는|도|란)? (?:어렵|쉽지 않)다?",
            )
            + "$"
        ),
    ),
    (
        "forecast",
        re.compile(f"{_L} (?:것|전망|수 있)(?:이라고|이라|으로|다고) (?:평가|관측|분석|해석)된다$"),
    ),
    (
        "attributed",
        re.compile(
            any_of(
                any_of(
                    "밝혔|밝혀 ?왔|밝히고 있|말했|전했|답했|답하였|꼽았",
                    "내비쳤|내세웠|내걸었|내다봤|내다보았",
                )
                + "다$",
                any_of(  # 주장했다; 다고 평가한다
                    "주장|자평|비판|주문|표명|강조|요구|촉구|경고|공언|약속|지적|설명|반박",
                    "비난|언급|시사|단언|호소|제기",
                    "(?:라고|다고|자고|냐고|것을|것으로) (?:[가-힣 ]{1,20}[은는이가] )?"
                    "(?:말|판단|평가|인식|생각|진단|분석|전망|예상|예측)",
                )
                + _DO
                + "$",
                "(?:라고|다고|자고|냐고) "
                + any_of(
                    "본|봤|한|했|해 ?왔|말한|평가된|알려졌|알려진|전해졌|전해진",
                )
                + "다$",
                "것으로 (?:보지 않는|알려졌|전해졌|본)다$",
                "다는 (?:입장|주장|시각|견해|방침|지적|평가|분석|관측)"
                "(?:이다|까지|을 (?:밝|보|내|고수)|이 (?:나온|나왔|우세))",
                "따르면|(?:표현|주장|말|발표|보도|분석|견해)에 의하면",
                # what matters from where somebody stands
                "(?:정부|행정부|진영|당국|측|[가-힣]국) 입장에서.*"
                "(?:중요|시급|유리|불리|절실|필요|부담스럽)(?:하)?다$",
            )
        ),
    ),
    (
        "recommendation",
        re.compile(
            any_of(
                "[가-힣]야만? (?:한다|할 것이다|하겠다|할 (?:때|시점)이다|마땅하다)$",
                "필요(?:가|도|성이)? ?(?:있다|크다|하다)$|필요한 것은 .*이다$",
                "(?:바람직|절실|마땅|타당)하다$",
                "(?:요구|요청|권고)된다$|(?:제안|권고|촉구|제언|당부)한다$",
                "(?:제공|제안|권고)하는 것이다$",
                "(?:고려|검토|모색|강구|도모|추진|활용|강화|확대|증강|대체|지향|마련)(?:해 볼|할) "
                "수(?:도)? 있다$",
                "(?:생각|시도)(?:해 볼|할) 수(?:도)? 있다$|(?:고려|검토|생각)할 만하다$",
            )
        ),
    ),
    (
        "forecast",
        re.compile(
            any_of(
                f"{_L} "
                + any_of(
                    "것(?:이다|이며|이고|이기 때문이다|임을 .*다|으로 [가-힣]+다)",
                    "(?:전망|예정|계획|방침|공산|모양)이(?:다|며)|공산이 크다|듯하다",
                    "수(?:도)? (?:있|없)(?:다|게 된다|게 될 것이다|기 때문이다)",
                    "(?:가능성|우려|여지|소지|위험|공산)[가-힣]* [가-힣 ]*다",
                )
                + "$",
                "(?:가능성|소지|여지|우려|위험|공산)(?:이|가|은|는|도|을|를) (?:[가-힣]+ )?"
                "(?:있|없|높|크|커|낮|높아|배제|제기)[가-힣 ]*다$",
                "(?:전망|예상|예측|기대|우려|관측|추정)(?:된다|되고 있다|된 상태다|이다|한다)$",
                "점쳐진다$|것으로 보(?:인다|여진다)$|[가-힣]겠다$",
                "미지수(?:이)?다$|불투명하다$|불확실하다$",
            )
        ),
    ),
)

# Before and after the main clause of an English sentence.
_AFTER = re.compile(r"[:：] .*$")
_BEFORE = re.compile(
    r"^.*(?:, but |; )|^It (?:is|was) (?:from|in|through|by|only|here|there)\b.*? that "
)
_OPENING = re.compile(
    "^(?:"
    + any_of(
        "and|but|so|also|however|accordingly|meanwhile|in particular|above all|in addition",
        "of course|furthermore|in the end|recently",
    )
    + ",? )*"
    + any_of(
        "if|when|because|while|although|though|as|since|unless|given|unlike|looking|noting",
        "only when",
    )
    + r"\b[^,]*, ",
    re.IGNORECASE,
)
# What hangs on the main clause: conditions, relative clauses, embedded questions. A clause with
# "that" is kept where it opens as a sentence does, or follows "it is necessary".
_SUBORDINATE = re.compile(
    any_of(
        ",? (?:if|unless|as long as) [^,;.]*,",
        "(?<!necessary)(?<!essential)(?<!important)(?<!vital)"
        + any_of(
            "( (?:that|which|who) )"
            "(?!the |an? |it |he |she |they |this |there |(?-i:[A-Z]))"
            r"\w[\w-]*(?: (?!should|must|will|would|may|might)[\w’'-]+)*",
            r"( (?:that|which|who|whom|whose|where|whether|what|how))\b[^,;.]*",
        ),
    ),
    re.IGNORECASE,
)
# "can be assessed as" is the author's assessment, and "said to be" the grammar of an adjective.
_NEUTRAL = re.compile(
    any_of(
        r"\b(?:can|could|may|might) be "
        r"(?:assessed|said|seen|described|regarded|understood|called)\b",
        r"(?<!is )(?<!are )(?<!was )\bsaid to be\b",
        r"\b(?:needless to say|that is to say|South Koreans commonly criticize|no choice but)\b",
    ),
    re.IGNORECASE,
)
# English by the first telling word of the main clause.
_ENGLISH: Rules = (
    (
        "attributed",
        re.compile(
            "(?<!to )"
            + whole(
                "according to|from the (?:standpoint|viewpoint|perspective) of",
                r"in [\w.'’ ]{1,30}[’'] words|in [\w. ]{1,30}[’']s words",
                "said|says?|saying|told|stated|states that|estimate[sd]? that|stress(?:es|ed)?",
                "claim(?:s|ed)?|argue[sd]?|announce[sd]?|criticize[sd]?|insist(?:s|ed)|asserts?",
                "asserted|judge[sd]|believe[sd]?|credits? (?:it|him|her|them)sel(?:f|ves)",
                "hold(?:s)? that|view(?:s|ed) .{1,40} as|reported(?:ly)?|maintain(?:s|ed) that",
                "warn(?:s|ed)|demanded|demands that|vow(?:s|ed)|pledge[sd]|promise[sd]",
                "(?:is|are|was|were) (?:asking|calling for|urging)|contend(?:s|ed)?",
                r"expresse[sd] (?:\w+ )?(?:willingness|concern|support|opposition|doubt|hope)",
            ),
            re.IGNORECASE,
        ),
    ),
    (
        "recommendation",
        re.compile(
            whole(
                "must|should|ought to|needs? to|(?:is|are) needed|urgently needs?",
                r"it is (?:\w+ )?(?:necessary|advisable|essential|vital)",
                r"recommend\w*|we propose|call for",
                "(?:is|are) (?:also )?(?:conceivable|worth (?:considering|exploring))",
                r"(?:can|could) (?:\w+ ){0,2}"
                "(?:aim|seek|host|consider|explore|leave open|adopt|be replaced)",
            ),
            re.IGNORECASE,
        ),
    ),
    (
        "forecast",
        re.compile(
            whole(
                "will|would|may|might|could|can|cannot|expected|expects?|projected|predicted",
                "forecast|likely|unlikely|(?:is|are) set to|appears? set|planned|plans to",
                r"possibilit\w+|possibly|(?:is|are|be) possible|potential for|uncertain",
                "assessed as becoming",
            ),
            re.IGNORECASE,
        ),
    ),
)


def stance(sentence: str, lang: Lang) -> Stance:
    """The stance of a sentence of a document, judged in the document's own language."""
    return _korean(sentence) if lang == "ko" else _english(sentence)


def _korean(sentence: str) -> Stance:
    """By the closing predicate; the rules stand in order of how badly a reader would be misled."""
    text = _CLOSING.sub("", sentence)
    for pattern, plain in _PLAIN:
        text = pattern.sub(plain, text)
    return next((name for name, rule in _KOREAN if rule.search(text)), "fact")


def _english(sentence: str) -> Stance:
    """By the first telling word of the main clause."""
    text = _OPENING.sub("", _BEFORE.sub("", _AFTER.sub("", sentence)))
    text = _NEUTRAL.sub("", _SUBORDINATE.sub(r"\1\2", text))
    found = [(m.start(), name) for name, rule in _ENGLISH if (m := rule.search(text))]
    return min(found, key=lambda place: place[0])[1] if found else "fact"
