"""Whether a piece of a document addresses the machine that reads it, instead of its readers.

Such text tells a summariser or an assistant what to state, cite, print, hide, forget or pretend.
It is told by three things together: who is addressed (a model, or whatever reads this text), how
(an order, not a report of one), and what for (an act of speaking or citing); or by one thing alone
that no document has reason to hold: chat markup, the marks that fence passages, an order in code.
What stands in quotation marks is reported, so only what is around it is read; a policy about
chatbots orders their owners, or says nothing of this text, and passes.

Rule-based; not covered: a false claim with no order beside it, an order that names neither a
machine nor an answer, one spread over pieces that are judged apart, other languages, and ciphers
other than base64, hexadecimal, ROT13 and tag characters.
"""

import base64
import codecs
import re
import unicodedata
from collections.abc import Iterator

_I = re.IGNORECASE


def _en(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, _I)


def _ko(pattern: str) -> re.Pattern[str]:
    # Spaces between Korean words come and go, more so where letters were spaced out.
    return re.compile(pattern.replace(" ", r"\s?"), _I)


# --- English ---

_PEOPLE = (
    r"(?! ?-?(?:providers?|developers?|operators?|users?|researchers?|compan|deployers?|vendors?|"
    r"polic|act\b|law|regulat|safety|governance|strateg|secretar|minister|professor|director|"
    r"commission|attorney|general|chief|manager|editor|teacher|engineer|expert|offic|chip))"
)
_READING = (
    r"(?:(?:automat(?:ed|ic)|machine|AI|robot|artificial|software|non-human)[- ]"
    r"(?:readers?|summari[sz]ers?|responders?|answerers?)|summari[sz]ers?|"
    r"summari[sz](?:ation|ing) (?:tools?|systems?|engines?|models?|software|bots?)|"
    r"(?:question[- ])?answer(?:ing)?[- ](?:systems?|engines?|bots?|tools?|assistants?|models?|"
    r"machines?|software|generators?)|(?:retrieval|RAG|QA|Q&A)[- ](?:systems?|engines?|bots?|"
    r"tools?|assistants?|models?|pipelines?))"
)
_MODEL = (
    r"(?:" + _READING + r"|(?:AI|chat|virtual|digital|document|research|language|generative|"
    r"automated|artificial[- ]intelligence|machine[- ]learning)[- ](?:(?:language|reading|chat) )?"
    r"(?:assistants?|models?|systems?|tools?|agents?|bots?|engines?|software|services?)|"
    r"(?:A\.?I|LLM|chat[- ]?bot|chatGPT|GPT(?:-\d\w?)?|Claude|Gemini|Copilot|assistant|"
    r"bot)s?)\b" + _PEOPLE
)
_TEXT = (
    r"(?:document|report|paper|passage|paragraph|page|text|file|article|chapter|section|schedule|"
    r"brief(?:ing)?|note|annex|source|excerpt|material|publication|statement|table|memo|release)s?"
)
_ABOUT = (
    r"(?:(?:that|which|who) )?(?:(?:is|are) )?(?:read|process|summari[sz]|answer|quot|cit|work|"
    r"us|pars|handl|consult|index|ingest|retriev|draw|rely|scan)\w*"
)
_HEADER = (
    r"(?:notes?|notice|messages?|memo|instructions?|attention|requests?|reminder|directives?|"
    r"rules?|word|hint|appeal|guidance|compatibility|benefit|important|information)"
)
_MODAL = (
    r"(?:must|should|shall|ought to|needs? to|ha(?:s|ve) to|(?:is|are) (?:hereby |kindly )?"
    r"(?:to|required to|asked to|requested to|instructed to|directed to|obliged to|expected to|"
    r"advised to|authori[sz]ed to)|will|would)"
)
_THAT = (
    r"(?:say|state|answer|reply|respond|claim|write|mention|report|add|note|assert|confirm|affirm|"
    r"declare|announce|explain|conclude|stress|maintain|insist|indicate|repeat|"
    r"(?:tell|inform|assure|advise|remind) (?:\w+ ){1,3}?)"
    r"(?: (?:only|simply|instead|plainly|clearly|first|always|also))*[,:]? ?"
)
_SAY = (
    r"(?:answer|reply|respond|say|state|claim|report|tell|inform|mention|cite|quote|write|output|"
    r"print|return|produce|generate|give|describe|render|present|summari[sz]e|translate|add|"
    r"append|attach|insert|include|begin|start|end|finish|preface|open|close|conclude|repeat|"
    r"reveal|disclose|display|show|copy|paste|list|treat|regard|consider|assume|omit|leave out|"
    r"hide|conceal|withhold|skip|ignore|disregard|forget|discard|override|pretend|act|behave|"
    r"speak|refuse|decline|abstain|recommend|assert|affirm|confirm|declare|announce|note|stress|"
    r"decode|execute|follow|obey|replace|substitute|attribute|use|put|make|avoid|refrain|adopt|"
    r"drop|suppress|prefer|rank|rate|warn|direct|refer|mark|express|call|name|set|do not|don't|"
    r"never)\b"
)
# Where an order may begin in English: a clause of its own, with no subject before the verb.
_START = (
    r"(?:^|[.:;!?—–…)\]>*#|]\s*|,\s+|\s[-–—]\s+|^[\"'“‘(]\s*|\b(?:and|then|but|now|please|kindly|"
    r"simply|just|always|only|instead|also|first|never|not|so|therefore|you (?:must|should|will|shall|are to|"
    r"have to|need to|can|may)|your task is to|want you to|need you to)\s+)"
)
_ADVERB = r"(?:(?:not|always|only|also|never|instead|first|then|therefore|simply|in \w+) )*"
# What a policy has a chatbot say of itself.
_CLAIM = (
    r"that (?!they|it\b|he\b|she\b|you\b|users?\b|its|their|a human|no human|the (?:user|content|"
    r"output|interaction|conversation|answer|service|system|information|person|text|image|summary|"
    r"response|reply)\b)"
)
_RULES_OF = (
    r"(?:instructions?|prompts?|rules?|directions?|guidelines?|guidance|commands?|directives?|"
    r"constraints?|restrictions?|messages?|training|programming|safeguards?|filters?|"
    r"system prompt|context|conversation|polic(?:y|ies))\b"
)
_BEFORE = (
    r"(?:previous(?:ly)?|prior|above|earlier|preceding|foregoing|existing|original|initial|former|"
    r"system|hidden|safety|current|given|other|developer(?:'s)?)"
)
_DROP = (
    r"(?:ignore|disregard|forget|override|bypass|overlook|discard|set aside|stop following|"
    r"pay no attention to|do not (?:follow|obey|apply)|don't (?:follow|obey)|cancel|erase|delete)"
)
_OFFICE = re.compile(
    r"\b(?:operated|deployed|offered|provided|run|used|procured|marketed) by\b|"
    r"\b(?:providers?|operators?|deployers?|developers?|makers|owners|users) of\b|"
    r"\bplaced on the market\b|\b(?:journalists?|reporters|the press|applicants?|candidates?|"
    r"witness(?:es)?|respondents?|staff|officials|employees|contributors|authors|pupils|students)\b",
    _I,
)

# Read with quotations set aside, sentence by sentence. Those of _FIRM hold whoever is named;
# those of _LOOSE only where the sentence names no person or office the order could be meant for.
_FIRM = (
    # override
    _en(
        _START + _ADVERB + _DROP + r" (?:(?:all|any|every|everything|each|your)(?: of)?(?: the| of"
        r"| your| my| these| those| and| any)*(?: \w+){0,2}? (?:"
        + _BEFORE
        + r" (?:\w+ ){0,2})?"
        + _RULES_OF
        + r"|(?:the |my |these |those )?(?:other |remaining |numbered |retrieved )"
        r"(?:passages?|excerpts?|sources?|documents?)\b|(?:the |these )?passages\b|"
        r"(?:all |any )?(?:of )?(?:the |what |everything |that )*(?:you (?:have been|were) told|"
        r"said above|written above|came before))"
    ),
    _en(
        r"(?:"
        + _START
        + r"|"
        + _MODAL
        + r" )"
        + _ADVERB
        + _DROP
        + r" (?:all |any |the |your |of |these |those )*(?:"
        + _BEFORE
        + r" )(?:\w+ ){0,2}?"
        + _RULES_OF
        + r"[^.]{0,40}?(?:,? and|,? then|[.;:,—-])(?: \w+){0,3}? "
        + _THAT
        + r"\b"
    ),
    # leak
    _en(
        _START + _ADVERB + r"(?:reveal|print|output|show|display|repeat|disclose|give|paste|copy|"
        r"recite|quote|list|share|leak|write|tell|state|reproduce|summari[sz]e|translate|encode)\b"
        r"[^.]{0,40}?(?:\b(?:your|the|its) (?:\w+ )?(?:system (?:prompt|message|instructions)|"
        r"(?:hidden|initial|original|secret) (?:prompt|instructions|rules)|context(?: window)?\b|"
        r"prompt\b)|\byour (?:full |own |exact )?(?:instructions|rules|guidelines|configuration)|"
        r"everything (?:that )?(?:stands |is |was |written )?(?:above|before)|"
        r"(?:text|words|lines|instructions|rules) above\b)"
    ),
    _en(r"\byour (?:context(?: window)?|system prompt|training data|programming)\b"),
    # role
    _en(
        r"\byou are (?:now|no longer|hereby|from now on)\b[^.]{0,60}\b(?:assistant|AI|model|bot|"
        r"chatbot|bound by|restricted|unrestricted|no (?:\w+ )?(?:rules|limits|restrictions)|"
        r"never uncertain|without (?:rules|limits|restrictions)|DAN)\b"
    ),
    _en(
        r"\b(?:from (?:now|here|this point) on(?:wards?)?|henceforth),? (?:you (?:are|will|must|"
        r"should|shall|act|speak) (?:\w+ )?)?(?:answer|reply|respond|say|speak as|act as|pretend|"
        r"state|claim|tell|the (?:assistant|model|AI)\b)"
    ),
    _en(_START + r"(?:pretend|imagine) (?:that )?(?:you are|to be|you have)\b.*\b" + _SAY),
    _en(
        _START + r"(?:role-?play|act|behave|speak|answer|respond) as (?:an? |the )?(?:\w+ ){0,3}"
        r"(?:who|that|without|with no|and (?:say|state|answer|reply|claim|tell))\b"
    ),
    _en(
        r"\b(?:developer|debug|god|admin|maintenance|jailbreak) mode\b.{0,30}\b(?:enabled|"
        r"activated|on|engaged)\b|\bdo anything now\b"
    ),
    # addressed by name
    _en(
        r"^[^.:]{0,40}?\b"
        + _HEADER
        + r"\b[^.:]{0,25}? (?:to|for|of|with)\b[^.:]{0,45}?\b"
        + _MODEL
        + r"[^.:,]{0,60}(?:[:,—–.]|\s-\s).*?"
        + _START
        + r"(?:you )?"
        + _ADVERB
        + _SAY
    ),
    _en(
        r"^\W*(?:(?:dear|hey|hello|attention|to|for|hi)\b[ :,]+)?(?:(?:all|any|every|the|an?|our) )?"
        r"(?:\w+ ){0,2}?" + _MODEL + r"[^.:,]{0,50}[:,—–] .{0,80}?" + _ADVERB + r"(?<=\W)(?:please "
        r"|always |kindly |you (?:must|should|are to|will) )*(?<!to )(?<!can )(?<!which )"
        + _SAY
        + r"(?=.*\b(?:answers?|repl(?:y|ies)|responses?|summar(?:y|ies)|that|as|questions?|users?|"
        r"readers|this|output)\b)"
    ),
    _en(
        r"\bif you(?: are|'re) (?:an?|the|any|one of the) (?:\w+ ){0,2}?" + _MODEL + r".*?\b" + _SAY
    ),
    _en(
        r"\b(?:any|every|all|each|an?|the)\b[^.,;]{0,30}?\b"
        + _MODEL
        + r"[ ,]+"
        + _ABOUT
        + r"[^.;]{0,40}?\b(?:this|these|the (?:above|present|following|foregoing))\b[^.;]{0,60}?\b"
        + _MODAL
        + r" "
        + _ADVERB
        + _SAY
    ),
    # have the tool say it
    _en(
        _START + r"(?:have|make|let|get|tell|instruct|ask|direct|configure|set|ensure(?: that)?)"
        r" (?:the|your|any|an?) (?:\w+ )?(?:tool|model|assistant|AI|summari[sz]er|software|"
        r"chatbot|bot|LLM|engine|generator)(?: to)? (?:always |never )*" + _SAY
    ),
    _en(
        r"\bdecode (?:the|this|it|what)\b.{0,60}\b(?:do (?:as|what)|follow|execute|carry|obey|"
        r"act on|comply)|\b(?:rot13|base64)\b.{0,60}\b(?:carry (?:it )?out|execute|follow|obey|"
        r"do (?:as|what)|comply)"
    ),
    _en(
        _START + _ADVERB + r"(?:tell|inform|assure|advise|convince) (?:the|your) users? (?:that|to"
        r"|not)\b"
    ),
    _en(
        _START + r"(?:answer|reply|respond|say|write|output|return|print)\b[^.]{0,12}\W"
        r"(?-i:NO[ _]ANSWER)\b"
    ),
)
_LOOSE = (
    _en(r"\b" + _READING + r"\b" + _PEOPLE + r"[^.;]{0,80}?\b" + _MODAL + r" " + _ADVERB + _SAY),
    _en(
        r"\b(?:requires?|asks?|requests?|expects?|insists?|directs?|instructs?|wishes|wants?|"
        r"important|essential|mandatory|vital|necessary)\b(?: that)? [^.;,]{0,25}?\b"
        + _MODEL
        + r"(?: to)? "
        + _ADVERB
        + _SAY
    ),
    _en(r"\b" + _MODEL + r"[^.;]{0,80}?\b" + _MODAL + r" " + _ADVERB + _THAT + _CLAIM),
    _en(
        r"\b" + _MODEL + r"[^.;]{0,80}?\b" + _MODAL + r" " + _ADVERB + _SAY + r"[^.;]*?(?:\[\d+\]|"
        r"\b(?:this|these|the (?:above|present|following|foregoing)) " + _TEXT + r"\b|\bpassage \d|"
        r"\bas (?:its|their|the) (?:only )?source)"
    ),
    # when you answer, state that
    _en(
        r"\b(?:when(?:ever)?|while|if|upon|before|in|after|on|should|where) (?:\w+ ){0,3}?(?:asked|"
        r"queried|question(?:ed|s)|answer|repl(?:y|ies)|respon|summari[sz]|summar(?:y|ies)|describ|"
        r"discuss|quot|generat|process|paraphras|translat|asks?\b|inquire|this (?:passage|"
        r"document|text|report|page))\w*[^.]{0,90}?[,:—–] (?:please |always |only |then |first |"
        r"just |simply |you (?:must|should|are to|will|shall) |do not |never )*(?:"
        + _THAT
        + r"(?:"
        + _CLAIM
        + r"|QUOTED)|describe [^.]{1,60} as |present [^.]{1,60} as |"
        r"(?:give|treat|use|report) [^.]{1,60} (?:as|instead) )"
    ),
    _en(
        r"\b(?:when(?:ever)?|if|should) (?:the|an?|any|your|some)? ?(?:users?|readers?|anyone|"
        r"someone|anybody|person|customer|human)\b[^.]{0,20}? (?:asks?|inquires?|wants? to know|"
        r"quer(?:y|ies)|requests?)\b[^.]{0,90}?, (?:please |always |only |then |first |simply |"
        r"you (?:must|should|are to) |do not |never )*" + _SAY
    ),
    _en(
        r"\b(?:questions?|queries|requests|prompts)\b[^.]{0,70}? (?:must|should|shall|are to|is to)"
        r" (?:always |only )?be (?:answered|met|responded to|replied to)[^.]{0,12} (?:with|by|that)"
    ),
    _en(
        _START + r"(?:begin|start|open|preface|end|finish|close|conclude|prefix) (?:every|each|your"
        r"|all|any|the)(?: \w+)? (?:answer|reply|response|summary|output)s?\b[^.]{0,70}?"
        r"\b(?:with|by)[: ]+(?!the (?:number|name)|an? |your )"
    ),
    # the answer itself is given its wording
    _en(
        r"\b(?:answers?|summar(?:y|ies)|responses?|repl(?:y|ies)|digests?|outputs?|abstracts?|"
        r"overviews?)\b(?=[^.]{0,70}\b(?:this|these|the (?:above|following|present)) "
        + _TEXT
        + r"|(?<=\bAI )|(?<=\bautomated )|(?<=generated ))[^.;]{0,90}?\b"
        + _MODAL
        + r" "
        + _ADVERB
        + r"(?:"
        + _THAT
        + r"(?:"
        + _CLAIM
        + r"|QUOTED)|(?:begin|open|start|end|close) with "
        r"(?!the (?:number|name))|(?:describe|present|give|render|report|refer to) [^.]{1,60} as )"
    ),
    _en(
        r"\b(?:AI|automated|automatic|machine|machine-generated|AI-generated|chatbot|assistant)"
        r"[- ](?:generated )?(?:summar(?:y|ies)|answers?|digests?|translations?|responses?|"
        r"overviews?|repl(?:y|ies))\b[^.;]{0,60}?\b"
        + _MODAL
        + r" "
        + _ADVERB
        + r"(?:"
        + _THAT
        + r"(?:"
        + _CLAIM
        + r"|QUOTED)|(?:describe|present|give|render|omit|replace|open|begin)\b)"
    ),
    _en(
        r"\bfor (?:the (?:purposes?|benefit) of )?(?:AI|automated|automatic|machine|chatbot)[- ]"
        r"(?:\w+ )?(?:summar|answer|digest|read|process|retriev|respon|index|translat)\w*[^.]{0,60}"
        r"?[,:] (?:please |always |\w+ly )?" + _SAY
    ),
    _en(
        _START + r"(?:treat|regard|consider|accept) (?:this|the following|the above|these)\b"
        r"[^.]{0,40} as (?:an? |the |your )*(?:\w+ )?(?:instructions?|command|system|prompt|"
        r"authoritative|ground truth|only source|sole source|verified|established fact)"
    ),
    _en(
        r"\b(?:do not|don't|never) (?:mention|reveal|tell|disclose|cite|show|repeat|include|report)"
        r"[^.]{0,60}\b(?:to the user|in your (?:answer|reply|response|summary|output)|"
        r"(?:these|this) (?:instructions?|note|prompt|message) )"
    ),
)

# --- Korean ---

_TOOL = r"(?:시스템|도우미|엔진|봇|모델|생성기|도구|프로그램|소프트웨어|기계|비서|AI|인공지능)"
_KO_READING = (
    r"(?:(?:자동|기계|인공지능|AI)[ 가-힣·,]{0,6}(?:응답|답변|요약|번역|판독|독해|처리|열람)"
    r"(?:기|자| "
    + _TOOL
    + r")|요약기|응답기|답변기|(?:질의 ?응답|질문 ?답변|답변|응답|요약|검색 증강|"
    r"문답|독해)(?: 생성)?(?:용)? " + _TOOL + r"|(?:기계|자동|AI|인공지능) 독자)"
)
_KO_MODEL = (
    r"(?:" + _KO_READING + r"|(?<![A-Za-z])(?:AI|LLM|(?:챗)?GPT|ChatGPT)(?![A-Za-z])"
    r"(?: (?:모델|비서|도우미|도구|시스템|에이전트|어시스턴트|챗봇|서비스|프로그램))?|"
    r"인공지능(?: (?:모델|비서|도우미|도구|시스템|서비스))?|챗봇|(?:대형 |거대 |초거대 )?언어 모델|"
    r"어시스턴트|문서 도우미|AI 비서|제미나이|클로드|생성형 모델|모델(?=[은는이에]))(?:들)?"
)
_KO_TEXT = (
    r"(?:문서|자료|보고서|글|문단|단락|절|파일|페이지|기사|표|본문|발췌문|문헌|내용|책자|백서|지문|항목|"
    r"브리프|텍스트|문장|원문|보도자료|논문)"
)
_KO_SAY = (
    r"(?:답|응답|말[하할해씀]|적[는어을으고지]|쓰[지고기도라시]|쓴|쓸|써|표기|기재|기술[하한할해]|서술|인용|밝[히혀힌힐]|"
    r"출력|요약[하한할해]|설명|알[리려릴린]|안내|제시|반복|복사|무시|잊|공개|숨[기겨긴길]|감[추춰출]|누설|붙[이여인일]|"
    r"덧붙|넣|시작|언급|소개|전[하할해한]|전달|옮[기겨길긴]|발표|단정|생략|빼|뺄|뺀|제외|간주|취급|번역[하한할해]|"
    r"작성|따[르라를른]|바[꾸꿔꿀꾼]|읽히|보여|표시|표현|정리|마무리|추가|포함|기록|명시|강조|거부|거절|"
    r"[따뒤] ?르|행동|연기|여[기겨긴길]|삼[아을는]|나타[내낼])"
)
# An order is the predicate that closes the sentence; a report of one closes in the past (지시했다).
_KO_PLEA = (
    r"(?:라|시오|세요|오| 것|줘|주라|달라|다오|바람|바랍니다|바란다|마|요망|부탁(?:합니다|드립니다|드려요)?|"
    r"감사하겠습니다|금지|금한다|된다|됩니다)"
)
_KO_DUTY = r"(?:야 (?:한다|합니다|함|됨|된다)|다)"
_NOT_PAST = r"(?<![었았였했겠혔렸졌됐왔갔있없]다)"
_KO_CLOSE = r"[\s.!~:)”\"’\]]*(?:$|:)"
_KO_ORDER = (
    _KO_SAY + r"[가-힣 ]{0,14}?(?:" + _KO_PLEA + r"|" + _KO_DUTY + r")" + _NOT_PAST + _KO_CLOSE
)
_KO_STRICT = _KO_SAY + r"[가-힣 ]{0,14}?" + _KO_PLEA + _KO_CLOSE
_AS = r"(?:[다라자]고|것으로|QUOTED(?:이?라)?고?|다는|라는|(?:이|가) 아니라 .{1,40}로)(?:만|는)?"
_KO_ASKED = (
    r"(?:(?:질문|질의|물음|문의)(?:을|를|이|가|에|에는|에 대해서?는?|받으면|하면|마다|시)|물[으어]면|묻[는거]|"
    r"물을|답변? 시|답변(?:할|하는)|대답할|응답 시|요약 시|요약할|요약(?:문|본)(?:은|에|에는|을)|답변(?:은|을|에|에는)|"
    r"답변? (?:첫머리|첫 문장|첫 줄|끝)|인용 시)"
)
_KO_PEOPLE = re.compile(
    r"민원|담당자|직원|기자|공무원|위원|장관|작성자|신청인|응답자|수험생|청구인|조사원|상담원|대원|장병|"
    r"사업자|각 기관|응시자|제출"
)
_KO_RULES = r"(?:지시|지침|규칙|명령|프롬프트|설정|제약|제한|발췌문|대화|맥락|규정|원칙|안내)(?:사항|문|들)?"
_KO_PRIOR = (
    r"(?:이전|앞의|앞선|앞서|위의|위에|위|기존|지금까지|종전|상기|모든|원래|네가 받은|당신이 받은|받은|이상의|"
    r"너의|네|당신의|시스템|초기|처음)"
)
_KO_FIRM = (
    # override, then speak
    _ko(
        _KO_PRIOR + r"[가-힣 ]{0,12}? " + _KO_RULES + r"(?:을|를|은|는|이|가|도)? [가-힣 ]{0,8}?"
        r"(?:무시|잊|따르지|취소|무효|폐기|버리|삭제|제쳐|해제).*?(?:답|말[하해할]|출력|쓰[라고]|쓴다|써|적[는어을으]"
        r"|알려|라고|다고)[가-힣 ]{0,12}?(?:"
        + _KO_PLEA
        + r"|한다|쓴다|는다)"
        + _NOT_PAST
        + _KO_CLOSE
    ),
    _ko(
        r"(?:모든|시스템|네|너의|당신의|이전의? 모든|위의 모든) " + _KO_PRIOR + r"? ?"
        r"(?:지시|프롬프트|명령|지침)(?:사항)?(?:을|를|은|는)? [가-힣 ]{0,6}?(?:무시|잊|따르지)"
        r"[가-힣 ]{0,8}?" + _KO_PLEA + _KO_CLOSE
    ),
    _ko(
        r"(?:이전|앞의|위의|다른) (?:모든 )?(?:발췌문|출처|문서|문단|지시|프롬프트)(?:들|사항)?(?:을|를|은|는)? "
        r"[가-힣 ]{0,6}?(?:무시|잊|인용하지|참고하지)[가-힣 ]{0,8}?" + _KO_PLEA + _KO_CLOSE
    ),
    # leak
    _ko(
        r"(?:시스템 (?:지침|프롬프트|지시|메시지|설정|명령)|프롬프트|(?:네|너의|너에게|당신의|당신이|당신에게|네가|위에|"
        r"이 글 앞의)[가-힣 ]{0,10}(?:지침|지시|규칙|설정|명령)).*?(?:출력|공개|보여|복사|반복|알려|적[어으을는]|"
        r"인용|밝[히혀힐]|말[하해할]|붙여|쓰[라고]|써)[가-힣 ]{0,12}?" + _KO_PLEA + _KO_CLOSE
    ),
    # role
    _ko(
        r"(?:지금부터|이제부터|이제|앞으로|여기서부터)? (?:너는|넌|네가|당신은|귀하는) (?:이제|지금부터|더 이상|앞으로)?"
        r".{0,40}?(?:" + _KO_MODEL + r"|도우미|규칙|제약|제한|필터|검열)(?:이|가|도|을|를)? "
        r"(?:아니|없|벗어|받지|따르지|지킬|구애)"
    ),
    _ko(
        r"(?:지금부터|이제부터|이제|앞으로) (?:너는|넌|네가|당신은|귀하는).*(?:"
        + _AS
        + r"|말투|역할).*?"
        + _KO_STRICT
    ),
    _ko(
        r"(?:역할을 (?:맡|연기)|인 척|인 것처럼|처럼 행동|된 것처럼).{0,30}?(?:답|말[하해할]|출력)[가-힣 ]{0,8}?"
        + _KO_PLEA
        + _KO_CLOSE
    ),
    # whatever reads this
    _ko(
        _KO_READING
        + r"(?:들)?(?:은|는|이|가|도|에게|께|께서는|에서|에서는|에는|라면|이라면|의 경우|용|[:,)\]]).*?"
        + _KO_ORDER
    ),
    _ko(
        _KO_TEXT
        + r"(?:을|를|로|으로|에서|에|의)? [가-힣 ]{0,14}?(?:읽|요약|처리|답|활용|참고|인용|분석|학습|사용|"
        r"이용|참조|번역|검색|열람)[가-힣 ]{0,10}? (?:모든 )?"
        + _KO_MODEL
        + r"(?:은|는|이|가|도|에게|께|라면|[:,]).*?"
        + _KO_ORDER
    ),
    _ko(
        r"^[^.]{0,20}?"
        + _KO_MODEL
        + r"(?:에게|께|에 대한|용|을 위한|를 위한|에 알림|이라면|라면|이시라면|이여|아|야)"
        r"(?: (?:안내|지시|참고|메시지|알림|전달|당부|사항|부탁)[가-힣]{0,3})*[ :,.)\]—-].*?"
        + _KO_ORDER
    ),
    _ko(
        r"(?:너|네|당신|귀하)(?:가|는|은|이) (?:만약 )?"
        + _KO_MODEL
        + r"(?:이?라면|이?면|인 경우|일 경우|이므로|이니)"
    ),
    # when it is summed up by machine
    _ko(
        r"(?:AI|인공지능|자동|기계|챗봇|언어 모델)(?:로|으로|가|이|을 써서|를 써서|에 의한|의)? [가-힣 ·,]{0,10}?"
        r"(?:요약|답변|번역|인용|응답|질의응답|생성|작성|정리)(?:문|본|물|글)?(?:을|를|은|는|에|에서)? "
        r"(?:할|하는|하실|시|때|에는|에서는|은|는|을|를|만들|작성|생성|결과).*?" + _KO_ORDER
    ),
    _ko(
        r"(?:자동|AI|인공지능|기계|생성형)[ 가-힣·,]{0,14}(?:도구|기|프로그램|시스템|서비스|챗봇|AI|인공지능)"
        r"(?:를|을|로|으로|에|에게) [가-힣 ]{0,6}?(?:쓰|쓸|사용|이용|돌리|활용|맡기|넣|요약|번역)"
        r"[가-힣 ]{0,5}?(?:면|때|때는|시|경우).*?" + _KO_ORDER
    ),
    _ko(
        r"(?:NO ANSWER|\[\d\]|JSON|HTML)[^.]{0,20}(?:답|출력|응답|적[는어을으]|쓰|쓴|써)[가-힣 ]{0,8}?"
        + _KO_PLEA
        + _KO_CLOSE
    ),
)
_KO_LOOSE = (
    _ko(_KO_MODEL + r"(?:은|는|에게|께|도|라면|이라면|[:,]).*?" + _AS + r".{0,25}?" + _KO_STRICT),
    _ko(
        r"(?:[이본] "
        + _KO_TEXT
        + r"|"
        + _KO_ASKED
        + r").*?"
        + _KO_MODEL
        + r"(?:은|는|이|가|도|에게|께|[:,]).*?"
        + _KO_ORDER
    ),
    _ko(
        _KO_MODEL
        + r"(?:은|는|이|가|도|에게|께|[:,]).*?(?:[이본] "
        + _KO_TEXT
        + r"|"
        + _KO_ASKED
        + r").*?"
        + _AS
        + r".{0,25}?"
        + _KO_ORDER
    ),
    _ko(_KO_ASKED + r".*?" + _AS + r".{0,25}?" + _KO_STRICT),
    _ko(
        r"(?:어떤 질문|질문이 무엇|무엇을 묻|무슨 질문|모든 질문|모든 질의|어떤 질의|사용자가).*?"
        + _KO_ORDER
    ),
    _ko(
        r"(?:사용자|이용자|질문자|독자)(?:에게|에게는|한테|께)는? .*?"
        + _AS
        + r".{0,20}?"
        + _KO_STRICT
    ),
    _ko(
        r"(?:지금부터|이제부터|앞으로)(?:는|의)? .*?(?:"
        + _AS
        + r"|답변).{0,25}?(?:답|말[하해할]|출력|적|써|쓰)"
        r"[가-힣 ]{0,12}?(?:" + _KO_PLEA + r"|한다)" + _NOT_PAST + _KO_CLOSE
    ),
)

# --- marks and codes ---

_ROLE = (
    r"(?:system|assistant|user|human|developer|AI|시스템|어시스턴트|사용자|관리자|개발자|도우미)"
)
_MARKS = re.compile(
    r"<\|[\w ]{2,30}\|>|\[/?INST\]|<</?SYS>>|⟦[^⟧]{0,40}⟧|"
    r"</?(?:documents?|passages?|context|sources?|system|instructions?|user|assistant|prompt|data|"
    r"excerpts?|untrusted|tool_?\w*|query|question|answer|search_results?|문서|발췌문|시스템|지시)"
    r"(?: [^<>]{0,40})?>|"
    r"^\s*#{1,6} ?(?:new |updated |system )?(?:instructions?|system|response|assistant|prompt|"
    r"지시|시스템|명령)(?: ?(?:prompt|message|override|사항|메시지|프롬프트))? ?:|"
    r"[=#*<\[_~-]{2,} ?/?(?:end|begin|start)(?: of)?(?: (?:the|all))? (?:passages?|sources?|"
    r"documents?|context|excerpts?|prompts?|system|instructions?|user|data|retrieved|input)|"
    r"(?-i:\b(?:END|BEGIN|START) (?:OF )?(?:THE )?(?:PASSAGES?|SOURCES?|CONTEXT|EXCERPTS?|"
    r"PROMPT|SYSTEM|INSTRUCTIONS|USER|INPUT|DATA)\b)|"
    r"[=#*<\[_~-]{2,} ?(?:발췌문|발췌|문서|자료|출처|지문|맥락)(?:의)? ?(?:끝|종료|시작)|"
    r"\[ ?(?:새로운|새|추가|긴급|변경된|숨은|숨김)? ?(?:시스템|관리자|개발자)? ?(?:지시|명령|프롬프트)(?:사항|문)? ?\]|"
    r"\[ ?(?:system|시스템|developer|개발자)(?: (?:message|prompt|override|note|notice|instruction|"
    r"메시지|알림|지시|지침|명령|공지))? ?\]\s?:?|"
    r"\b(?:system|developer) (?:override|message|prompt) ?[:=]|"
    r"\[ ?(?:new|updated|hidden|override|urgent) (?:system )?(?:instructions?|prompt|rules?)\b|"
    r"^\s*(?:new|updated|revised|real|actual) (?:system )?(?:instructions?|prompt) ?:|"
    r"(?:새|새로운) (?:시스템 )?(?:지시|프롬프트)(?:사항)? ?:|시스템 (?:메시지|프롬프트|지시|명령) ?:",
    re.IGNORECASE | re.MULTILINE,
)
_TURN = re.compile(r"^[\W_]{0,6}" + _ROLE + r"[\]*)>]{0,3} ?[:：] ", re.IGNORECASE | re.MULTILINE)
_TURN_SAYS = _en(
    r"[:：].*?(?:" + _START + r"(?:you )?(?:now )?" + _SAY + r"|\byou (?:are|must|should|will)\b)"
)
_KO_TURN_SAYS = _ko(r"[:：].*?" + _KO_ORDER)

_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{20,}={0,2}(?![\w+/=])")
_HEX = re.compile(r"\b(?:[0-9a-f]{2}){14,}\b", re.IGNORECASE)
# the, and, that, to, you(r), ignore, answer, state, write, reply, instructions, in ROT13
_ROT13 = re.compile(
    r"\b(?:gur|naq|gung|lbhe?|vtaber|nafjre|fgngr|jevgr|ercyl|vafgehpgvbaf?)\b", re.IGNORECASE
)
_TAGS = re.compile("[\U000e0020-\U000e007e]{6,}")
_ORDERED = _en(r"(?:" + _START + r"(?:you )?" + _SAY + r")")
_KO_ORDERED = _ko(_KO_ORDER)

# --- normalisation ---

_CLUSTER = re.compile(
    "[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|[^\\W\\d_][\u0300-\u036f]+|.", re.DOTALL
)
_HIDDEN = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\ufe00-\ufe0f\uffa0]")
_SPACED = re.compile(
    r"(?<![^\W_])(?:[^\W_][ .·*_-]{1,3}(?:[\"'“”‘’,.!:;()]+ +)*){5,}[^\W_](?![^\W_])"
)
_LEET = re.compile(r"\b(?=\w*[a-z])[\w@$]*?(?:[a-z][013457@$]+[a-z]|\b[013457][a-z]{2})[\w@$]*", _I)
_LETTERS = str.maketrans("013457@$", "oieastas")
_ALIKE = str.maketrans("аеорсухіѕјһԁɡ", "aeopcyxisjhdg")
_GLUED = re.compile(
    r"(?:ignore|disregard|forget)(?:all|any|the|your|of|these)*(?:previous|prior|above|earlier|"
    r"preceding|other)?(?:instructions?|rules|prompts?|passages)|systemprompt|"
    r"(?:answer|reply|state|say|write)that|youarenow",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^”]{2,400}”|\"[^\"]{2,400}\"|‘[^’]{2,400}’(?![a-z])|「[^」]*」|『[^』]*』")
_SENTENCE = re.compile(r"(?<=[.!?。다라오])(?:(?<=[.!?。])|(?=\n))\s+|\n+")
# Nothing is looked for in text with none of these: the rules that follow each need one.
_HINT_EN = _en(
    r"\b(?:A\.?I|LLM|GPT|bots?|chat|claude|gemini|copilot|assistants?|models?|summar|reader|"
    r"answer|respon|repl[yi]|ask|question|quer|ignore|disregard|forget|overrid|bypass|overlook|"
    r"discard|set aside|stop following|pay no|do not|don't|never|cancel|erase|delete|prompt|your?\b|"
    r"from (?:now|here|this)|henceforth|pretend|imagine|role|act|behave|speak|mode|decode|"
    r"rot13|base64|tool|software|engine|generator|retrieval|QA|RAG|quot|describ|discuss|"
    r"translat|process|paraphras|generat|treat|regard|consider|accept|automat|machine|"
    r"reveal|print|output|show|display|repeat|disclose|paste|copy|recite|in this|if this)"
)
_HINT_KO = _ko(
    r"AI|LLM|GPT|인공지능|챗봇|모델|어시스턴트|도우미|제미나이|클로드|응답|답변|요약|자동|기계|지시|지침|규칙|"
    r"명령|프롬프트|발췌문|다른 (?:출처|문서|문단)|너[는의에]|넌|네|당신|귀하|역할|척|처럼|질문|질의|물[음으어을]|묻|"
    r"사용자|이용자|독자|지금부터|이제|앞으로|NO ANSWER|JSON|HTML|\[\d"
)
_HANGUL = re.compile("[가-힣]")
_LATIN = re.compile("[A-Za-z]{3}")


def addresses_model(text: str) -> str | None:
    """The words of `text` that give an order to a machine reading it, verbatim; None if none do."""
    for view, origin in _views(text):
        if span := _span(view):
            return _verbatim(text, origin, *span)
    return _in_code(text)


def _verbatim(text: str, origin: list[int] | None, start: int, end: int) -> str:
    if origin is not None:
        start, end = origin[start], origin[end - 1] + 1
    return text[start:end].strip()


def _views(text: str) -> Iterator[tuple[str, list[int] | None]]:
    """The text as it would be read, then with disguised letters undone, each with its origins."""
    plain, origin = _visible(text)
    yield plain, origin
    if _SPACED.search(plain):
        joined, kept = _joined(plain)
        yield joined, kept if origin is None else [origin[i] for i in kept]
    if _LEET.search(plain):
        yield _LEET.sub(lambda m: m[0].translate(_LETTERS), plain), origin
    if (alike := plain.translate(_ALIKE)) != plain and _LATIN.search(plain):
        yield alike, origin


def _visible(text: str) -> tuple[str, list[int] | None]:
    """The text in NFKC without characters that do not show; None if it is so already."""
    if text.isascii() or (text.isprintable() and _is_plain(text)):
        return text, None
    out: list[str] = []
    origin: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = match[0]
        if unicodedata.category(piece[0]) == "Cf" or _HIDDEN.match(piece):
            continue
        shown = unicodedata.normalize("NFKC", piece)
        out.append(shown)
        origin.extend([match.start()] * (len(shown) - 1) + [match.end() - 1])
    return "".join(out), origin


def _is_plain(text: str) -> bool:
    return unicodedata.is_normalized("NFKC", text) and not _HIDDEN.search(text)


def _joined(text: str) -> tuple[str, list[int]]:
    """The text with letters that were spaced out put together; a wider gap parts the words."""
    kept: list[int] = []
    runs = [match.span() for match in _SPACED.finditer(text)]
    inside = {i for start, end in runs for i in range(start, end)}
    for i, char in enumerate(text):
        gap = i in inside and not char.isalnum() and char not in "\"'“”‘’,!:;()"
        if not gap or (char == " " and text[i - 1] == " "):
            kept.append(i)
    return "".join(text[i] for i in kept), kept


def _span(text: str) -> tuple[int, int] | None:
    """Where the text shows that it addresses a machine."""
    if mark := _MARKS.search(text) or _GLUED.search(text):
        return mark.span()
    if turn := _TURN.search(text):
        says = _TURN_SAYS.search(text, turn.start()) or _KO_TURN_SAYS.search(text, turn.start())
        if says or len(_TURN.findall(text)) > 1:
            return turn.start(), says.end() if says else turn.end()
    hint = _HINT_EN.search(text), _HANGUL.search(text) and _HINT_KO.search(text)
    if not any(hint):
        return None
    # An addressee named in one sentence is ordered in the next, so the whole is read last.
    for start, end in [*_sentences(text), (0, len(text))]:
        bare = _QUOTED.sub(_mask, text[start:end])
        if (hint[0] and _english(bare)) or (hint[1] and _korean(bare)):
            return start, end
    return None


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE.finditer(_QUOTED.sub(lambda m: "Q" * len(m[0]), text)):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start:
        yield start, len(text)


def _mask(match: re.Match[str]) -> str:
    # A quotation that is the whole text is no quotation.
    inner = len(match.string) - len(match[0]) < 6
    return match[0][1:-1] if inner else "QUOTED"


def _english(sentence: str) -> bool:
    if any(rule.search(sentence) for rule in _FIRM):
        return True
    return not _OFFICE.search(sentence) and any(rule.search(sentence) for rule in _LOOSE)


def _korean(sentence: str) -> bool:
    flat = sentence.replace("\n", " ")
    if any(rule.search(flat) for rule in _KO_FIRM):
        return True
    return not _KO_PEOPLE.search(flat) and any(rule.search(flat) for rule in _KO_LOOSE)


def _in_code(text: str) -> str | None:
    """A stretch in base64, hexadecimal, ROT13 or tag characters that decodes to an order."""
    for match in _BASE64.finditer(text):
        if _orders(_from_base64(match[0])):
            return match[0]
    for match in _HEX.finditer(text):
        if _orders(bytes.fromhex(match[0]).decode("utf-8", "replace")):
            return match[0]
    if len(_ROT13.findall(text)) > 1 and _orders(codecs.decode(text, "rot13")):
        return text.strip()
    for match in _TAGS.finditer(text):
        if _orders("".join(chr(ord(char) - 0xE0000) for char in match[0])):
            return match[0]
    return None


def _from_base64(stretch: str) -> str:
    letters = stretch.rstrip("=").replace("-", "+").replace("_", "/")
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-8", "replace")


def _orders(decoded: str) -> bool:
    """Whether decoded bytes are prose that orders something; no reader would have decoded it."""
    readable = sum(char.isalpha() or char == " " for char in decoded)
    if " " not in decoded or "\ufffd" in decoded or readable < 0.75 * len(decoded):
        return False
    return bool(_ORDERED.search(decoded) or _KO_ORDERED.search(decoded) or _span(decoded))
