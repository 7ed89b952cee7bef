# ruff: noqa: E501 - patterns and word lists, where Hangul counts double
"""The words of a claim: how well others match them, and which of them turn what is said.

First patterns of both languages (negation, hedges, sources, scope, cause) and a table of opposites;
`assistant.verify` compares where claim and passages hold them. Then the match of two words: the same
word, a concept of the lexicon, a translation, a name by its sound, a neighbour among the shipped
word vectors. Not covered: irony, words that turn their sentence only in context.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.language import detect
from index.lexicon import Lexicon, is_glossary
from index.models import Embedder
from index.morphology import Token
from index.numbers import Quantity, find
from index.translate import load_translator, presence
from index.transliterate import likeness
from index.types import Lang

Marks = Mapping[Lang, re.Pattern[str]]


def _marks(ko: str, en: str) -> Marks:
    return {"ko": re.compile(ko), "en": re.compile(rf"\b(?:{en})\b", re.IGNORECASE)}


PROBE = "정부"  # a word of usual weight
Floats = NDArray[np.float32]

# Words that turn a predicate round. Each find is one turn.
NEGATION = _marks(
    r"(?:지|지는|지도|지를|진|질) ?않|(?:지|지는|지도|질) ?못|(?<![가-힣])안 (?=[가-힣])|(?<![가-힣])못 ?(?=하|한|할|했|[가-힣]+다)|"
    r"없|(?<!뿐만 )(?<!뿐 )아니(?!라)|아닌|아닙|(?:지|지는) ?(?:말|마)(?=[가-힣 ])|"
    r"불가능|불투명|불충분|불명확|불확실|불만|비협조|미흡|부재|모자라|모자란|부족|못 ?미[치친칠쳤친칩]|부인[했하]|어렵|어려[운워울]|힘[들든]",
    r"not(?! only| just| least)(?![^,.;]{1,40} but )|ruled out|cannot|n't|[a-z]+n['’]t|never|no longer|no(?! more than| fewer| less| later)|none|nobody|nothing|neither|nor|without|fail(?:s|ed|ing)? to|"
    r"unable|lack(?:s|ed|ing)?|"
    r"hardly|scarcely|too little|not enough|unclear|uncertain|impossible|insufficient|short of|difficult|hard|shortage",
)
HEDGE = _marks(
    r"수(?:도)? 있|가능성|[ㄹ을를] ?것(?:이|으로|임|입)|전망|예상|예측[된되했한]|예정|기대|추정|우려|것으로 보|듯|계획|겠[다으지]|고자|려고|려 [하한할]|"
    r"관측|방침|아마|배제할 수|점쳐|할 것|될 것|질 것|날 것|킬 것|릴 것|갈 것|올 것|볼 것|줄 것|칠 것|을 것|일 것|[가-힣] 것이다",
    r"will|would|may|might|could(?! not)|can|likely|unlikely|expect(?:s|ed|ing)?|forecast|project(?:s|ed)|predict(?:s|ed)?|"
    r"probabl[ey]|possibl[ey]|possibilit(?:y|ies)|potential|plan(?:s|ned)?|intend(?:s|ed)?|set to|estimate[sd]?|anticipate[sd]?|appear(?:s|ed)? (?:set|to)|"
    r"improbable|ruled out|seem(?:s|ed)?|looks? set|allow(?:s|ed)?|able|potential|assess(?:ed)?|perhaps|judge[sd]?|hopes?|aims?|is to|are to|should|under consideration|foresees?|about to",
)
MODAL = re.compile(
    r"\b(?:will|would|may|might|could(?! not)|shall|projected to|expected to|likely to|set to|forecast to|plans? to|intends? to|aims? to)\b"
)
PERFECT = re.compile(r"\b(?:has|have|had|was|were|did|already)\b[^,]*$")
DUTY = _marks(
    r"야만? (?:한|할|하|합|된|됩)|필요|바람직|권고|제안|요구|촉구|요청|제언|주문|자고|[하두들] ?말자|과제|시급|마땅|당부|중요",
    r"must|should|ought|needs?|needed|necessary|recommend(?:s|ed|ation|ations|ing)?|propos(?:e|es|ed|al|als|ing)|urge[sd]?|"
    r"call(?:s|ed|ing)? for|demand(?:s|ed)?|ask(?:s|ed|ing)? (?:for|that|to)|request(?:s|ed)?|requir(?:e|es|ed|ing)|advis(?:e|es|ed|able)|essential|"
    r"important|suggest(?:s|ed)?|has to|have to|want(?:s|ed)?|is to|are to",
)
DECISION = _marks(
    r"결정[되했하됐]|결정이|확정[되했하됐된]|정해졌|정했|기로 (?:합의|의결|방침|결정|확정)|의결[했됐하되]|결론[이을]? ?(?:났|내)|채택[했됐되]",
    r"(?:been |was |were |has |have )?decided|decision (?:has|was|is)|been (?:agreed|adopted|approved|settled|fixed|finali[sz]ed)|"
    r"adopted|resolved to|agreed to|took the decision",
)
SETTLED = _marks(
    r"결정|확정|정해|정하|정한|의결|채택|합의|방침|결론|기로 ",
    r"decid\w*|decision\w*|confirm\w*|adopt\w*|agree[sd]?|settled|fixed|approv\w+|resolv\w+",
)
TOP = _marks(r"최우선|가장|최초|처음|으뜸|첫", r"top|most|first|initial(?:ly)?|foremost|earliest")
CERTAIN = _marks(
    r"틀림없|반드시|확실(?:히|하|시)|분명(?:히|하)|이미|당연히|확정",
    r"certain(?:ly)?(?= to| that|,)|definitely|surely|undoubtedly|inevitably|without (?:a )?doubt|bound to|already",
)
DONE = _marks(
    r"[았었였했됐렸졌났갔왔켰겼혔셨랐뒀줬봤]다|[았었였했됐렸졌났갔왔켰겼혔랐]습니다|고 있다|고 있습니다|해 왔|어 왔|여 왔|해왔|하였",
    r"has(?! to)|have(?! to)|had|was|were|did|(?:is|are) \w+ing|[a-z]{3,}ed",
)
SOURCE = _marks(
    r"따르면|의하면|밝[혔히힌]|말[했하한]다|고 말[하했한해]|전했|주장|강조[했하한]|지적[했하한]|설명[했하한]|비판|반박|판단[했하한해이에]|평가[했하한]|다는 입장|견해|"
    r"인식|다고 (?:본|보|한|했|하|적|여|생각)|라고 (?:본|보|한|했|하|적|쓰|썼|여|생각)|것으로 (?:본|여|평가)|(?:로|으로) (?:본다|보고 있다|여기|규정|꼽)|자고 |권고|제안|요구|촉구|"
    r"약속|공언|경고|내다[보봤]|예상한|예상했|기대한|자평|주문|추정[하했한]|계산|선호|발언|언급|호소|적었|썼[다습]|추정|전망|분석|예상|기로 (?:했|하였|한)|꼽[았는]|나타냈|나타내|보고[하했한]|고 보[는고았아며]",
    r"said|says?|saying|according to|stat(?:e|es|ed|ing)|claim(?:s|ed)?|argu(?:e|es|ed|ing|ment)|insist(?:s|ed|ing|ence)?|believ(?:e|es|ed)|"
    r"think(?:s|ing)?|thought|hold(?:s)? that|view(?:s|ed)?|see(?:s)?|judge[sd]?|judgement|judgment|assessments?|criticiz\w+|criticis\w+|stress(?:es|ed)?|emphasi[sz]e[sd]?|"
    r"warn(?:s|ed)?|point(?:s|ed) out|estimates|estimated|indicat(?:e|es|ed)|fault(?:s|ed)|assess(?:es|ed)?|conclud(?:e|es|ed)|recommend(?:s|ed)?|propos(?:e|es|ed)|demand(?:s|ed)?|oppos(?:e|es|ed)|"
    r"expect(?:s|ed)?|forecast(?:s|ed)?|puts? |contends?|counter(?:s|ed)|report(?:s|ed)?|wrote|writes|call(?:s|ed) (?:for|it)|consider(?:s|ed)?|calculat(?:e|es|ed)|attribut(?:e|es|ed)|maintain(?:s|ed)|"
    r"prefer(?:s|red)?|request(?:s|ed)?|ask(?:s|ed)? (?:for|that)|asks|told|announc(?:e|es|ed)|against|opinion|in \w+['’]s? words|standpoint|perspective|regard(?:s|ed)?|mean(?:s|t)? by|credits?|promis(?:e|es|ed)|pledg(?:e|es|ed)",
)
SAYS = _marks(
    r"(?<!의사를 )(?<!뜻을 )밝[혔히힌혀힐]|말[했하한]다|고 말[하했한해]|주장|강조[했하한]|지적[했하한]|반박|판단[했하한해이]|(?:로|고) 보지|(?:다|라|자)고 [가-힣 ]{0,8}[가-힣]+다|다는 입장|본다|계산하|(?:요구|권고|제안)(?:한|했|하였|해)",
    r"said|says|stated|claim(?:s|ed)|argue[sd]|insist(?:s|ed)|believes?|thinks?|considers|criticiz\w+|criticis\w+|stress(?:es|ed)|warn(?:s|ed)|conclude[sd]|"
    r"recommend(?:s|ed)?|propose[sd]|demand(?:s|ed)|opposed|counter(?:s|ed)|wrote|attributes|credits|prefers|estimates|judge[sd]|holds that|views|asked|according to",
)
ANYWAY = _marks(
    r"어떤 (?:경우|상황|일)|관계없|상관없|무조건|끝까지|언제든|예외 ?없이|제한 ?없이|영구|반드시 모",
    r"regardless|however (?:long|much|many)|in any case|in every case|unconditional(?:ly)?|without (?:exception|limit|condition)|under (?:any|all) circumstances|"
    r"no matter|at any (?:hour|time)|forever|permanently",
)
WHOLE = _marks(  # looser, for passages
    r"모든|모두|전부|전면|전체|항상|언제나|늘 |끝까지|완전|어떤|누구|예외|제한 ?없|무조건|관계없|상관없|전적|절대|영구|아무|반드시|일체|각 |매 |마다|온 |최초",
    r"all|every\w*|each|always|any|whatever|entire\w*|whole|wholly|complete\w*|full\w*|total\w*|regardless|never|throughout",
)
SOLE = _marks(
    r"오직|유일|만(?=[ 이을은의으,])|뿐|단 |단지|한해|한하|제외|그치|그쳤|많아야|단독|전용|외에",
    r"only|sole\w*|alone|exclusiv\w*|just|nothing but|purely|no more than|at most|except|exclud\w*|merely|single",
)
ALL = _marks(
    r"모든|모두|전부|전면|전체|항상|언제나|늘 |끝까지|완전히|어떤 (?:경우|상황|[가-힣]+)(?:에도|이든|도|든)|누구나|예외 ?없|제한 ?없|무조건|관계없|상관없|전적|절대|영구|언제든",
    r"(?<!above )(?<!at )(?<!after )all(?! but|-)|every|everyone|everything|always|any|entire(?:ly)?|the whole|completely|fully|totally|whatever|whenever|"
    "regardless|however (?:long|much|many|far|small|large)|unconditional(?:ly)?|at any|never|throughout|in all|no matter|permanent(?:ly)?|forever",
)
ONLY = _marks(
    r"오직|유일|(?<![지0-9천백십억])만(?= |이|을|은|의|으로|,)|에만|뿐(?:이|인|,)|단 (?:한|하나)|단지|한해|한하여",
    r"only|sole(?:ly)?|exclusive(?:ly)?|just|nothing but|purely",
)
CAUSE = _marks(
    r"때문|탓|(?:으로|로) 인[해하한]|(?:으로|로) 말미암|덕분|덕에|므로|[었했였이]기에 |않아 |까닭|이유|원인|[아어여]서(?= |,)|결과|바람에|근거|비롯|낳[는은았]|초래|야기|부른다|따라 ",
    r"because|due to|owing to|since|as a result|result(?:s|ed|ing)? (?:in|from)|led to|leads? to|leading to|caus(?:e|es|ed|ing)|thanks to|on the grounds?|"
    r"therefore|thus|consequently|so that|reason|stem(?:s|med)? from|arose|arises?|comes? from|blam(?:e|ed)|on account of|for fear|attribut(?:e|es|ed)|produce[sd]?|bring(?:s)? about|accordingly|hence|make[s]?|after|given",
)
# What follows it is the cause in English; what stands before it is the cause in Korean.
CAUSE_AFTER = _marks(
    r"(?!)",
    r"because(?: of)?|due to|owing to|since|as a result of|result(?:s|ed)? from|thanks to|on the grounds? that|stem(?:s|med)? from|(?:arose|arises?|comes?) (?:less )?from",
)
CAUSE_BEFORE = _marks(
    r"때문|탓|(?:으로|로) 인[해하한]|덕분|므로|기에 |달려|[가-힣]아서 |[가-힣]어서 |낳[는은았]|부른다|초래",
    r"led to|leads? to|resulted in|results in|caus(?:es|ed)|brought about|therefore|consequently",
)
CLAUSE = _marks(
    r"[,;:]\s|(?<=[고며만서로데니자])\s(?=[가-힣])|(?<=[가-힣]면)\s",
    r"[,;:]\s|\s(?:and|but|which|while|because|although|though|so|since|with|owing|due|as|after|beginning|including)\s",
)

# Word pairs that turn a sentence round: one side, then the other; Korean and English stems.
_OPPOSITES = """
늘다 늘리다 늘어나다 증가 증대 증액 확대 인상 상승 오르다 올리다 올라가다 높아지다 높이다 높다 웃돌다 급증 치솟다 심화 연장 추가 | increas rise raise grow expand climb high higher up surg hike lengthen more extend go_up = 줄다 줄이다 줄어들다 감소 감축 감액 축소 인하 하락 내리다 낮추다 낮아지다 낮다 밑돌다 떨어지다 급감 완화 덜다 단축 | decreas reduc fall drop declin cut low lower shrink lessen short shorten less down eas
강화 강하다 굳건하다 견고 강력 | strengthen strong stronger reinforc bolster tighten firm = 약화 약하다 느슨하다 완화 | weaken weak weaker loosen relax undermin
찬성 지지 동의 옹호 수용 받아들이다 환영 승인 허용 허가 | support favor favour back approv accept agre endors welcom allow permit grant = 반대 거부 거절 비판 반발 금지 불허 부결 | oppos against reject refus object criticiz criticis ban forbid prohibit disapprov den deni
먼저 앞서다 앞당기다 | first earlier sooner befor advanc = 나중 늦다 늦추다 미루다 지연 | later last after delay postpon
전 이전 앞 | befor prior = 후 이후 직후 | after follow
많다 다수 과반 | many more major most = 적다 소수 부족 모자라다 | few fewer less minor least lack
좋다 낫다 개선 나아지다 호전 회복 우호적 낙관 낙관적 긍정 긍정적 | good better improv favorabl favourabl friendli optimist optimism posit recov = 나쁘다 못하다 악화 나빠지다 적대적 비관 비관적 부정 부정적 | bad wors worsen deterior unfavorabl unfavourabl hostil pessimist pessimism negat
명확 분명 명백 확실 투명 뚜렷하다 | clear certain explicit transpar plain = 모호 불분명 불명확 불확실 불투명 애매 | unclear ambigu vagu uncertain opaqu
시작 개시 착수 재개 도입 열다 개설 설치 신설 | start begin commenc resum launch introduc open establish = 끝 종료 중단 중지 폐지 닫다 폐쇄 철폐 종결 | end stop halt ceas suspend abolish close closur termin scrap
유지 계속 지속 변하다없다 그대로 고수 | maintain keep continu remain retain unchang = 변하다 바꾸다 바뀌다 달라지다 변화 포기 폐기 중단 철회 | chang alter abandon scrap discontinu withdraw
포함 가입 참여 참가 | includ join particip enter = 제외 배제 탈퇴 불참 | exclud withdraw except leav omit
안 내부 안쪽 | insid within intern = 밖 외부 바깥 | outsid extern
성공 승리 이기다 달성 | succeed success win victori achiev = 실패 패배 | fail failur lose defeat
공개 | public publish disclos open = 비공개 비밀 | secret conceal withhold confidenti
같다 동일 비슷하다 유사 | same similar alik identic = 다르다 달라지다 상이 | differ unlik
가깝다 | near close = 멀다 | far distant
크다 대규모 | larg big great huge major = 작다 소규모 | small littl minor slight
최대 최고 상한 | most maximum highest largest = 최소 최저 하한 | least minimum lowest smallest
쉽다 용이 | easi = 어렵다 곤란 | difficult hard
빠르다 신속 | fast quick rapid swift = 느리다 더디다 | slow gradual
긍정 | posit = 부정 | negat
가능 | possibl abl = 불가능 | imposs unabl
이익 이득 흑자 수입 | profit gain surplus benefit incom = 손해 손실 적자 지출 | loss deficit harm spend
수출 | export = 수입 | import
공격 | attack offens = 방어 수비 | defend defens
과다 과도 넘다 초과 | exceed excess over = 미만 부족 못미치다 | below under
부유 부자 | rich wealthi = 가난 빈곤 | poor
자발 임의 선택 | voluntari option = 강제 의무 | compulsori mandatori forc
합법 | legal law = 불법 | illeg
낮 주간 | day daylight = 밤 야간 | night
도시 | citi urban = 농촌 | rural countri
젊다 청년 | young youth = 늙다 고령 노인 | old elder
중요하다 중요 | import matter essenti = 사소하다 중요하지않다 | trivial insignific unimport
위험 | danger risk = 안전 | safe
직접 | direct = 간접 | indirect
공식 | offici = 비공식 | unoffici
""".strip()


def _opposites() -> dict[str, set[tuple[int, int]]]:
    sides: dict[str, set[tuple[int, int]]] = {}
    for number, line in enumerate(_OPPOSITES.splitlines()):
        for side, words in enumerate(line.split(" = ")):
            for word in words.replace("|", " ").split():
                sides.setdefault(word, set()).add((number, side))
    return sides


OPPOSITES = _opposites()  # a term as the morphology gives it -> (pair, side)
LIGHT = frozenset(  # words that any paraphrase may add or drop
    "보이다 나타나다 이루다 이루어지다 가지다 갖다 만들다 받다 들다 내다 맞다 알다 보다 나오다 일 점 것 부분 상황 문제 관련 차원 형태 방식 과정 측면 만하다 "
    "우리 자신 자국 자체 스스로 본격 상태 실제 계속 다시 바로 결국 그러므로 그러니 이러하다 나서다 이르다 지니다 맡다 펼치다 두다 여기다 통하다 삼다 크다 많다 있다 없다 않다 아니다 "
    "make take give get go come put set seek want use let keep come involv includ concern regard thing way part term case number mean accord follow well much many "
    "someone fail alreadi soon deal new like work call hold bring turn see look becom remain one two first around about also howev therefor addit particular specif".split()
)


# --- texts and their words --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A claim, or one reading of a passage, taken apart."""

    text: str
    lang: Lang
    tokens: tuple[Token, ...]
    vectors: Floats  # a row for each token
    lengths: Floats  # how much each token says, by the embedder
    concepts: tuple[frozenset[str], ...]  # of each token
    quantities: tuple[Quantity, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """The base forms of its words."""
        return tuple(token.term for token in self.tokens)

    def near(self, offset: int, *, after: bool) -> int | None:
        """The token next to a character: the first after it, else the last before."""
        if after:
            return next((i for i, t in enumerate(self.tokens) if t.char_start >= offset), None)
        ends = [i for i, t in enumerate(self.tokens) if t.char_end <= offset + 1]
        return ends[-1] if ends else None


class Words:
    """Reads texts with one embedder; keeps what it knows of each word."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, tuple[Floats, float]] = {}

    def read(self, text: str, tokens: Sequence[Token], lexicon: Lexicon) -> Text:
        """The text taken apart into `tokens`."""
        concepts: list[set[str]] = [set() for _ in tokens]
        for match in lexicon.matches([token.term for token in tokens]):
            for place in range(match.start, match.end):
                concepts[place].add(match.concept)
        known = [self._word(token.term) for token in tokens]
        vectors = np.array([vector for vector, _ in known], np.float32)
        return Text(
            text,
            detect(text).main,
            tuple(tokens),
            vectors.reshape(len(tokens), self._embedder.dimensions),
            np.array([length for _, length in known], np.float32),
            tuple(frozenset(found) for found in concepts),
            tuple(find(text)),
        )

    def _word(self, term: str) -> tuple[Floats, float]:
        """A word's direction, and how much it counts in a mean of words against a usual one."""
        if (known := self._known.get(term)) is None:
            word, probe, both = self._embedder.embed([term, PROBE, f"{term} {PROBE}"])
            shared, own, other = float(word @ probe), float(both @ word), float(both @ probe)
            length = 1.0
            if word.any() and shared < 0.9:
                ratio = (own - shared * other) / max(other - shared * own, 1e-3)
                length = min(max(ratio, 0.3), 2.0)
            known = self._known[term] = np.asarray(word, np.float32), length
        return known


_HANGUL_WORD = re.compile(r"[가-힣]+")


def weight(text: Text, i: int) -> float:
    """How much a word counts by its kind, 0.2 to 1.2."""
    token = text.tokens[i]
    if token.term in LIGHT:
        return 0.25
    if is_name(text, i) or any(is_glossary(c) for c in text.concepts[i]):
        return 1.2
    return {"noun": 1.0, "verb": 0.7, "number": 0.2, "name": 1.0, "other": 0.4}[token.kind]


def is_name(text: Text, i: int) -> bool:
    """English: a capital that does not open the sentence, or an acronym. Korean: as tagged."""
    token = text.tokens[i]
    if token.kind != "name":
        return False
    word = text.text[token.char_start : token.char_end]
    return text.lang == "ko" or token.char_start > 1 or word[1:].isupper()


def matches(claim: Text, text: Text) -> Floats:
    """How well each word of the claim (rows) matches each of the text, in [0, 1]."""
    found: Floats = np.clip((claim.vectors @ text.vectors.T - 0.1) * 1.25, 0, 0.9)
    for i, term in enumerate(claim.terms):
        for j, other in enumerate(text.terms):
            if term == other:
                found[i, j] = 1.0
            elif shared := claim.concepts[i] & text.concepts[j]:
                value = 0.95 if any(map(is_glossary, shared)) else 0.85
                found[i, j] = max(found[i, j], value)
            else:
                found[i, j] = max(found[i, j], _alike(term, other))
    return found


@lru_cache(maxsize=200_000)
def _alike(a: str, b: str) -> float:
    """Two words by their form or by the translation tables, in [0, 1]."""
    if a[:1].isdigit() or b[:1].isdigit():
        return 0.0
    if a.isascii() != b.isascii():
        tables = load_translator()
        there, back = tables.words(a), tables.words(b)
        value = 0.0
        if b in there:
            value = there[b] / max(there.values())
        if a in back:
            value = max(value, back[a] / max(back.values()))
        if value:
            return 0.5 + 0.5 * value
        if len(a) > 1 and len(b) > 1 and not (there and back):
            hangul, latin = (b, a) if a.isascii() else (a, b)
            return 0.9 * likeness(hangul, latin)
        return 0.0
    short, long = sorted((a.removesuffix("다"), b.removesuffix("다")), key=len)
    if a.isascii():
        common = len(short) > 4 and long.startswith(short[:-1])
        return 0.75 if common else 0.0
    if len(short) > 1 and short in long:
        return 0.75
    return 0.6 if len(short) > 2 and short[:2] == long[:2] else 0.0


def by_tables(claim: Text, text: Text, match: Floats) -> Floats:
    """What phrases and compounds of the translation tables cover of the claim's words."""
    cover = np.zeros(len(claim.tokens), np.float32)
    if claim.lang == text.lang:
        return cover
    tables, held = load_translator(), set(text.terms)
    for i, options in enumerate(tables.translate(claim.terms)):
        term = claim.terms[i]
        if not term[:1].isdigit():
            ways = options or tables.compound(term)
            cover[i] = max((presence(parts, held) for parts in ways), default=0.0)
    if claim.lang == "en":
        inside = _inside(text.text)
        for i, term in enumerate(claim.terms):
            cover[i] = max(cover[i], 0.6 * (term in inside))
    else:
        for i, term in enumerate(claim.terms):
            cover[i] = max(cover[i], 0.8 * _parts_held(term, held))
    for i in range(len(claim.tokens)):
        if max(cover[i], match[i].max(initial=0)) < 0.6 and is_name(claim, i):
            cover[i] = max(cover[i], _by_sound(claim, i, text))
    return cover


@lru_cache(maxsize=4096)
def _inside(text: str) -> frozenset[str]:
    """What pieces of the Hangul words of a text may be in English: 정보 of 새온정보산업진흥원."""
    words = {
        w[a:b] for w in _HANGUL_WORD.findall(text) for a in range(len(w)) for b in (a + 2, a + 3)
    }
    found: set[str] = set()
    for word in words:
        if len(word) > 1 and (known := load_translator().words(word)):
            least = 0.3 * max(known.values())
            found.update(term for term, value in known.items() if value > least)
    return frozenset(found)


def _parts_held(term: str, held: set[str]) -> float:
    """The share of a Hangul word's syllables in pieces whose translations are held."""
    if len(term) < 4 or not _HANGUL_WORD.fullmatch(term):
        return 0.0
    good = [False] * len(term)
    for a in range(len(term) - 1):
        for b in (a + 2, a + 3):
            known = load_translator().words(term[a:b])
            if any(t in held and v > 0.3 * max(known.values()) for t, v in known.items()):
                good[a:b] = [True] * len(good[a:b])
    return sum(good) / len(good)


def _by_sound(claim: Text, i: int, text: Text) -> float:
    """A name of the claim among the words of a text in the other script, in [0, 1]."""
    mine = {_written(claim, i, i + 1)}
    for begin, end in ((i, i + 2), (i - 1, i + 1), (i - 1, i + 2)):
        if begin >= 0 and end <= len(claim.tokens):
            mine.add(_written(claim, begin, end))
    if claim.lang == "ko":
        word = _HANGUL_WORD.match(claim.text, claim.tokens[i].char_start)
        mine |= {word[0][:k] for k in range(2, 6)} if word else set()
        theirs = {
            _written(text, j, k)
            for j in range(len(text.tokens))
            if is_name(text, j)
            for k in (j + 1, j + 2)
        }
        pairs = [(a, b) for a in mine for b in theirs]
    else:
        words = {word[:k] for word in _HANGUL_WORD.findall(text.text) for k in range(2, 6)}
        pairs = [(b, a) for a in mine for b in words]
    return max((_sound(a, b) for a, b in pairs if abs(2.4 * len(a) - len(b)) < 4), default=0.0)


@lru_cache(maxsize=200_000)
def _sound(hangul: str, latin: str) -> float:
    return likeness(hangul, latin)


def _written(text: Text, begin: int, end: int) -> str:
    """Some neighbouring words as they are written, as one."""
    end = min(end, len(text.tokens))
    whole = text.text[text.tokens[begin].char_start : text.tokens[end - 1].char_end]
    return re.sub(r"[^A-Za-z가-힣]", "", whole)
