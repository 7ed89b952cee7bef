# ruff: noqa: E501 - patterns, where Hangul counts double
"""Patterns that turn or frame what a claim says, in both languages: negation, hedges, sources, scope,
cause, contrast.

`assistant.claim_turns` compares where claim and passages hold them. Each says what it finds; none
knows the other text. Not covered: irony, words that turn their sentence only in context.
"""

import re
from collections.abc import Mapping

from index.types import Lang

Marks = Mapping[Lang, re.Pattern[str]]


def _marks(ko: str, en: str) -> Marks:
    return {"ko": re.compile(ko), "en": re.compile(rf"\b(?:{en})\b", re.IGNORECASE)}


# Syllables of the past: those that end in ㅆ, but for 있 and 겠.
_PAST = "[" + "".join(c for i in range(399) if (c := chr(0xAC00 + 28 * i + 20)) not in "있겠") + "]"

# Words that turn a predicate round. Each find is one turn.
NEGATION = _marks(
    r"(?<!넘)(?<!밖에 [가-힣])(?<!밖에 [가-힣]{2})(?<!밖에 [가-힣]{3})(?:지|지는|지도|지를|진|질) ?않(?!은지|을까)|(?<!미치)(?:지|지는|지도|질) ?못|(?<![가-힣])(?<!채 )안 (?=[가-힣])(?!걸|되|된)|(?<![가-힣])(?<!만 )못 ?(?=하|한|할|했|[가-힣]+다)(?!미)|"
    r"(?<!예외 )(?<!제한 )(?<!빠짐)(?<!관계)(?<!상관)(?<!다름)(?<!끊임)(?<!어김)없|(?<!뿐만 )(?<!뿐 )아니(?!라)|아닌(?! )|아닙|(?:지|지는) ?(?:말|마)(?=[가-힣 ])(?!지[를은 ])",
    r"not(?! only| just| least)(?![^,.;]{1,40} but )|cannot|n't|[a-z]+n['’]t|never|no longer|(?<!next to )no(?! more than| fewer| less| later| further than)|none|nobody|nothing|neither|nor|fail(?:s|ed|ing)? to",
)
# Words that may stand for a negation: they excuse the lack of one, and turn nothing themselves.
NEGATIVE = _marks(
    r"불가|안 ?[되된될돼됩]|면제|실패|무급|무산|무관|아닌|결렬|사양|난색|고사|부결|기각|보류|철회|취소|폐지|해제|불확|불신|불일|못하|채우지|숨기|덜 |이하|벗어|이외|말고|불투명|불충분|불명확|불확실|불만|비협조|미흡|부재|모자라|모자란|부족|못 ?미|부인[했하]|어렵|어려[운워울]|힘[들든]|미만|미달|금지|거부|거절|"
    r"중단|그만|그치|그친|그쳤|없애|빠[지졌진]|벗어|피[하했한]|밖에|뿐|잃|끊|면[하했한]|막[았아는고힌을]|방지|예방|제외|배제|삼가|미[루뤘룬룰]|아니라|대신|반대|드[물문]|유보|누락|무[장료상]|관계없|상관없|더디|더뎠|늦|구애|에만|없이|못 ?미|미치지 못",
    r"declin\w*|exempt\w*|fewer|less|least|waiv\w*|free (?:of|from)|suspend\w*|cancel\w*|disagre\w*|disput\w*|dis(?:approv|allow|miss|contin|like)\w*|nowhere|wrong|withh[eo]ld\w*|instead|untouched|except|end(?:ed|s)?|near(?:ly)? nothing|next to no|shun\w*|spurn\w*|freeze\w*|froz\w*|apart from|shelv\w*|scrap\w*|un(?!der\b|like\b|til|it|ion|ivers|less|derst|dert|derl|dergo|dersc|i[qf])\w+|im(?:possib|probab)\w+|insuff\w+|in(?:capab|ab|adequa|vali)\w+|\w+less|lack\w*|without|difficult\w*|hard(?:ly)?|scarcely|shortage\w*|short|avoid\w*|prevent\w*|avert\w*|refus\w*|reject\w*|"
    r"bar(?:s|red|ring)?|prohibit\w*|forbid\w*|ban(?:s|ned)?|los[et]\w*|instead|rather than|other than|only|little|few|deter\w*|stop\w*|ceas\w*|drop\w*|exclu\w*|except\w*|unless|den(?:y|ied|ies|ial)|"
    r"miss\w*|forgo\w*|halt\w*|spared?|oppos\w*|absen\w*|fail\w*|below|refrain\w*|ruled out|abandon\w*|doubt\w*|regardless|irrespective|whatever|purely|away|slow\w*|yet to",
)
HEDGE = _marks(
    r"수(?:도)? 있|가능성|[ㄹ을를] ?것(?:이|으로|임|입)|전망|예상|예측[된되했한]|예정|기대|추정|우려(?!해|하여)|것으로 보|듯|계획|겠[다으지]|고자|려고|려 [하한할]|"
    r"관측|방침|아마|배제할 수|점쳐|할 것|될 것|질 것|날 것|킬 것|릴 것|갈 것|올 것|볼 것|줄 것|칠 것|을 것|일 것|[가-힣] 것이다",
    r"will|would|(?-i:may)|might|could(?! not)|can(?! not)|(?<!as )(?<!twice as )likely(?! as)|unlikely|expect(?:s|ed|ing)?|forecast|project(?:s|ed)|predict(?:s|ed)?|"
    r"probabl[ey]|possibl[ey]|possibilit(?:y|ies)|potential|plan(?:s|ned)?|intend(?:s|ed)?|set to|estimate[sd]?|anticipate[sd]?|appear(?:s|ed)? (?:set|to)|"
    r"improbable|ruled out|seem(?:s|ed)?|looks? set|allow(?:s|ed)?|able|potential|assess(?:ed)?|perhaps|hopes?|goals?|targets?|objectives?|looks? to|due to be|capable|eligible|lets?|must|if|chance|prospect|promis\w*|propos\w*|would-be|awaits?|pending|by 20\d\d|bound to|possible|aims?|is to|are to|should|under consideration|fores(?:ees?|aw)|about to",
)
MODAL = re.compile(
    r"\b(?:will|would|may|might|could(?! not)|shall|projected to|expected to|likely to|set to|forecast to|plans? to|intends? to|aims? to)\b"
)
PERFECT = re.compile(r"\b(?:has|have|had|was|were|did|already)\b[^,]*$")
DUTY = _marks(
    r"야만? (?:한|할|하|합|된|됩)|필요|바람직|권고|제안|요구|촉구|요청|제언|주문|자고|[하두들] ?말자|과제|시급|마땅|당부|중요|조언|의무|도록|목표|편이 (?:낫|좋)|돼야|어야|아야|여야|해야|지침|방안|안[을이]|하자는",
    r"must|should|ought|needs?|needed|necessary|recommend(?:s|ed|ation|ations|ing)?|propos(?:e|es|ed|al|als|ing)|urge[sd]?|"
    r"call(?:s|ed|ing)? for|demand(?:ed|s that)|ask(?:s|ed|ing)? (?:for|that|to)|request(?:s|ed)?|requir(?:e|es|ed|ing)|advis(?:e|es|ed|able)|essential|"
    r"important|suggest(?:s|ed|ion|ions)?|has to|have to|want(?:s|ed)?|is to|are to|be to|owes?|obliged|bound to|advice|desirable|goals?|targets?|objectives?|duty|favou?rs?|would|better|calls? (?:on|for)|merits?|deserves?|warrants?|counsel\w*|prescribe\w*",
)
DECISION = _marks(
    r"결정[되했하됐]|결정이 (?:나|내려|이뤄)|확정[되했하됐된]|정해졌|(?<![가-힣])정했|기로 (?:했|하였|합의|의결|방침|결정|확정)|의결[했됐하되]|결론[이을]? ?(?:났|내)|채택[했됐되]",
    r"(?:been |was |were |has |have )?decided|decision (?:has|was|is)|been (?:agreed|adopted|approved|settled|fixed|finali[sz]ed)|"
    r"adopted|resolved to|agreed to|took the decision",
)
SETTLED = _marks(
    r"결정|확정|정해|정하|정한|의결|채택|합의|방침|결론|약속|기로 ",
    r"decid\w*|decision\w*|confirm\w*|adopt\w*|agree[sd]?|settled|fixed|approv\w+|resolv\w+",
)
TOP = _marks(r"최우선|가장|최초|처음|으뜸|첫", r"top|most|first|initial(?:ly)?|foremost|earliest")
CERTAIN = _marks(
    r"틀림없|반드시|확실(?:히|하|시)|분명(?:히|하)|당연히|확정",
    r"certain(?:ly)?(?= to| that|,)|definitely|surely|undoubtedly|inevitably|without (?:a )?doubt",
)
PAST = _marks(
    rf"{_PAST}(?:다|습니다)|고 있다|고 있습니다|하였",
    r"has(?! to)|have(?! to)|had|was|were|did|(?:is|are) \w+ing|came|took|became|made|rose|fell|grew|won|lost|began",
)
SOURCE = _marks(
    r"밝힘|말함|설명함|전함|[다로고] 봄|혐의|의심|난색|선을 그|이견|이의|낙관|비관|거론|맞서|맞섰|입 모|평했|평한|평하|평가[했하한]|[봤]다|봤[다으고는습]|회고|판단|제언|조언|진단|단서|덧붙|논리|술회|증언|답[했하한]|응답|설문|조사에서|이라는 것이|다는 것이|라는 것이|으리라는|고 [가-힣]{1,3}[다습]|호소|불만|요청|질타|꼬집|비난|해석|시각|설명|의견|생각|반[발기겼]|알[렸리]|통보|선언|고백|인정|관측|내[놨놓]|들[었며]|보[고았]|봅니다|여[겼긴]|짚|되[뇌물]|토로|경계|우려|따르면|의하면|밝[혔히힌]|말[했하한]다|고 말[하했한해]|전했|주장|강조[했하한]|지적[했하한]|설명[했하한]|비판|반박|판단[했하한해이에]|평가[했하한]|다는 입장|견해|"
    r"인식|다고 (?:본|보|한|했|하|적|여|생각)|라고 (?:본|보|한|했|하|적|쓰|썼|여|생각)|것으로 (?:본|여|평가)|(?:로|으로) (?:본다|보고 있다|여기|규정|꼽)|자고 |권고|제안|요구|촉구|"
    r"약속|공언|경고|내다[보봤]|예상한|예상했|기대한|자평|주문|추정[하했한]|계산|선호|발언|언급|호소|적었|썼[다습]|추정|전망|분석|예상|기로 (?:했|하였|한)|꼽[았는]|나타냈|나타내|보고[하했한]|고 보[는고았아며]",
    r"alleg\w*|accus\w*|den(?:y|ies|ied)|doubt\w*|suspect\w*|worr\w*|fear\w*|fores(?:ees?|aw)|(?:speak|spoke)s?|held up|brand\w*|rebuk\w*|dismiss\w*|project(?:s|ed)|advis(?:e|es|ed|ing)|advice|explain(?:s|ed)?|explanation|note[sd]?|found|finds?|finding|complain(?:s|ed|t)?|caution(?:s|ed)?|contend(?:s|ed)|describ(?:e|es|ed)|denounc\w+|object(?:s|ed|ion)?|add(?:s|ed)|remark(?:s|ed)?|acknowledg\w+|admit(?:s|ted)?|declar\w+|urg(?:e|es|ed|ing)|appeal(?:s|ed)?|suggest\w*|reckon\w*|feel(?:s)?|felt|observ(?:es|ed)|recall(?:s|ed)?|rate[sd]|survey\w*|poll\w*|answer\w*|respond\w*|respondents|showed|shows|credit(?:s|ed)|eyes of|opinion|verdict|proposals?|recommendations?|call(?:s|ed)?|predict\w*|suspect\w*|comment\w*|mind|hail\w*|prais\w*|blam\w*|reject\w*|cit(?:e|es|ed|ing)|account|testif\w+|welcom\w+|name[sd]|words|insisting|arguing|noting|said|says?|saying|according to|stat(?:e|es|ed|ing)|claim(?:s|ed)?|argu(?:e|es|ed|ing|ment)|insist(?:s|ed|ing|ence)?|believ(?:e|es|ed)|"
    r"think(?:s|ing)?|thought|hold(?:s)? that|view(?:s|ed)?|see(?:s)?|judge[sd]?|judgement|judgment|assessments?|criticiz\w+|criticis\w+|stress(?:es|ed)?|emphasi[sz]e[sd]?|"
    r"warn(?:s|ed)?|point(?:s|ed) out|estimates|estimated|indicat(?:e|es|ed)|fault(?:s|ed)|assess(?:es|ed)?|conclud(?:e|es|ed)|recommend(?:s|ed)?|propos(?:e|es|ed)|demand(?:s|ed)?|oppos(?:e|es|ed)|"
    r"expect(?:s|ed)?|forecast(?:s|ed)?|puts? |contends?|counter(?:s|ed)|report(?:s|ed)?|wrote|writes|call(?:s|ed) (?:for|it)|consider(?:s|ed)?|calculat(?:e|es|ed)|attribut(?:e|es|ed)|maintain(?:s|ed)|"
    r"prefer(?:s|red)?|request(?:s|ed)?|ask(?:s|ed)? (?:for|that)|asks|told|announc(?:e|es|ed)|against|opinion|in \w+['’]s? words|standpoint|perspective|regard(?:s|ed)?|mean(?:s|t)? by|credits?|promis(?:e|es|ed)|pledg(?:e|es|ed)",
)
SAYS = _marks(
    r"(?<!의사를 )(?<!뜻을 )밝[혔히힌혀힐]|말[했하한]다|고 말[하했한해]|주장|강조[했하한]|지적[했하한]|반박|판단[했하한해이]|(?:로|고) 보지|(?:다|라|자)고 [가-힣 ]{0,8}[가-힣]+다|다는 입장|본다|보았다|봤다|설명[한했하]|평했|평가[했하한]|비판[한했하]|회고|답[했하]|말하였|계산하|(?:요구|권고|제안)(?:한|했|하였|해)",
    r"said|says|stated|claim(?:s|ed)|argue[sd]|insist(?:s|ed)|believes?|thinks?|considers|criticiz\w+|criticis\w+|stress(?:es|ed)|warn(?:s|ed)|conclude[sd]|"
    r"recommend(?:s|ed)?|propose[sd]|demand(?:s|ed)|opposed|counter(?:s|ed)|wrote|attributes|credits|prefers|estimates|judge[sd]|holds that|views|asked|told|describe[sd]|called|explain(?:s|ed)|cautioned|complain(?:s|ed)|noted|added|contend(?:s|ed)|objects?|according to",
)
ANYWAY = _marks(
    r"어떤 (?:경우|상황|일)|않더라도|없더라도|[가-힣]든 (?:말든|아니든|없든)|여부와|관계없|상관없|무조건|끝까지|언제든|예외 ?없이|제한 ?없이|영구|반드시 모",
    r"regardless|whether or not|with or without|even without|even if [^,.]{0,40}(?:not|no )|whatever (?:the|their|its|his|her)|however (?:long|much|many)|in any case|in every case|unconditional(?:ly)?|without (?:exception|limit|condition)|under (?:any|all) circumstances|"
    r"no matter|at any (?:hour|time)|forever|permanently",
)
WHOLE = _marks(  # looser, for passages
    r"전량|전원|총 |완료|해소|모든|모두|전부|전면|전체|항상|언제나|늘 |끝까지|완전|어떤|누구|예외|제한 ?없|무조건|관계없|상관없|전적|절대|영구|아무|반드시|일체|전 (?=[가-힣])|빠짐없이|각 |매 |마다|온 |최초",
    r"clear(?:ed)?|both|all|every\w*|each|always|any|whatever|entire\w*|whole|wholly|complete(?!d)\w*|full\w*|total\w*|regardless|never|throughout",
)
SOLE = _marks(
    r"오직|유일|만(?=[ 이을은의으,])|뿐|단 |단지|한해|한하|제외|그치|그쳤|그친|불과|겨우|밖에|머무|머물|많아야|단독|전용|외에",
    r"only|sole\w*|alone|exclusiv\w*|just|nothing but|purely|no more than|at most|except|exclud\w*|merely|single",
)
ALL = _marks(
    r"모든|모두(?! ?(?:[0-9]|[한두세네] |다섯|여섯|일곱|여덟|아홉|열 ))|전원|전부|전면|전체(?! [0-9가-힣]*[ 의가]|의|에서|가)|항상|언제나|늘 |끝까지|완전히|어떤 (?:경우|상황|[가-힣]+)(?:에도|이든|도|든)|누구나|예외 ?없|제한 ?없|무조건|관계없|상관없|전적|절대|영구|언제든|하나같이|빠짐없이",
    r"(?<!above )(?<!\bat )(?<!\bafter )(?<!\bin )all(?! but|-| the same| the way| along| sorts| kinds| told| in all| over)|in all (?:cases|of)|(?<!not )(?<!nearly )(?<!almost )every(?! (?:year|month|day|week|quarter|one of|[0-9]|two|three|four|five|six|other))|everyone|everything|always|entire(?:ly)?|the whole|completely|fully|totally|whatever (?:the|their|its)|whenever|"
    "regardless|however (?:long|much|many|far|small|large)|unconditional(?:ly)?|never|throughout|no matter|permanent(?:ly)?|forever",
)
ONLY = _marks(
    r"오직|유일|(?<=[가-힣])만(?= |을|은|의|으로|,)(?! ?못)|뿐(?:이|인|,)|단 (?:한|하나)|단지|한해|한하여",
    r"(?:only|just)(?! (?:[0-9a]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|over|under|before|after|part|below|above|about|half|once|twice|some|few|if|when|short|been))|sole(?:ly)?|exclusively|nothing but|purely",
)
# The lesser side of a contrast. In Korean it stands before the mark, in English after.
LESSER = _marks(
    r"(?:이|가|은|는|것이|에서가|때문이|해서가|여서가|아서가|어서가|만이)? ?아니라|아니고|보다(?:는|도)?(?= )",
    r"not(?: so much)?(?! only)(?! (?:been|be|have|yet))(?: by| to| from| because of| in| the)*(?=[^.;]{1,90} but )|rather than|less (?:by|from|to|because of|on)|(?<=,) not|and not|instead of|than",
)
PERIODS: Mapping[str, re.Pattern[str]] = {
    "year": re.compile(
        r"연간|매년|해마다|한 해(?! ?[전앞뒤])|연평균|연 [0-9]|[0-9]년마다|평년|\b(?:a|per|each|every) (?:average |normal )?year\b(?! after| later| ago| earlier| before)|\bannual|\byearly",
        re.I,
    ),
    "quarter": re.compile(
        r"분기마다|매 ?분기|분기별|분기에|\b(?:a|per|each|every) quarter\b|\bquarterly", re.I
    ),
    "month": re.compile(
        r"(?<!개)월간|매월|매달|달마다|한 달에|월평균|(?<![0-9])월 [0-9]|\b(?:a|per|each|every) month\b|\bmonthly",
        re.I,
    ),
    "week": re.compile(
        r"주간(?! )|매주|주마다|일주일에|한 주에|주당|주 [0-9]|\b(?:a|per|each|every) week\b|\bweekly",
        re.I,
    ),
    "day": re.compile(
        r"(?<!열)하루|매일|24시간|24 hours|날마다|일평균|일일|\b(?:a|per|each|every) day\b|\bdaily",
        re.I,
    ),
    "night": re.compile(
        r"하룻밤|밤마다|매일 밤|밤에|\b(?:a|per|each|every) night\b|\bnightly", re.I
    ),
    "hour": re.compile(r"시간당|시속|한 시간에|\b(?:an|per|each|every) hour\b|\bhourly|km/h", re.I),
    "foot": re.compile(r"피트|\bf(?:oo|ee)t\b"),
    "mile": re.compile(r"마일|\bmiles?\b"),
    "pound": re.compile(r"파운드|\bpounds?\b|£"),
    "acre": re.compile(r"에이커|\bacres?\b"),
    "litre": re.compile(r"리터|\blit(?:re|er)s?\b"),
    "gallon": re.compile(r"갤런|\bgallons?\b"),
}
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
# By more and by less, in comparisons.
COMPARED = (
    _marks(
        r"더|많|높|[크큰]|웃돌|넘|앞[서섰지]|길|빨|강|상회|초과|비싸|비싼",
        r"more|greater|higher|larger|bigger|longer|above|exceed\w*|outweigh\w*|outnumber\w*|outstrip\w*|stronger|faster|ahead|beyond|better|worse|over|matters",
    ),
    _marks(
        r"덜|적[다은어게었]|낮|작[다은아게았]|밑돌|못 ?미|미치지 못|뒤[지졌처쳐]|짧|느[리린려]|약[하한해]|하회|미달|싸다|싼",
        r"less|lesser|lower|smaller|shorter|fewer|below|behind|weaker|slower|cheaper|short of|lag\w*|trail\w*",
    ),
)
# A condition, and less than all.
IF = _marks(
    r"[가-힣]면[ ,]|경우|때에만|조건|한해|한하|전제|않는 한|하는 한|[는을]지에 따라|가정",
    r"if|unless|provided|as long as|only when|in case|on condition|should (?:the|a|it|they)|in the event|assum\w+|were to|depend\w*|when|once|where|without|until|whether",
)
SOME = _marks(
    r"일부|몇몇|몇 |다수|대부분|대다수|상당수|주로|절반|태반|대개|거의|과반|부분적",
    r"some|several|many|most|mostly|mainly|majority|part(?:ly|ial|ially)?|half|a number of|largely|a few|chiefly|nearly|almost|primarily|predominantly|often",
)
# What foretells beyond doubt, for passages.
FORETOLD = _marks(
    r"가능성|전망[이했하된되함]|내다[보봤본볼봄]|[을ㄹ] 것으로|것으로 (?:예상|기대|추정|보인)|수도? 있[다을으지고는]|예[상측](?:했|하였|한다|된|되|함|됨|치)|예정|계획[이을]|[을ㄹ] 것이|겠다|듯하",
    r"could(?! not)|(?-i:may)|might|will|expects?|expected|forecasts?|projects|projected|predicts?|predicted|(?<!as )likely|plans? to|set to|potential|possibl\w+",
)
