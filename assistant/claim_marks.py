"""Marks that more than one claim check looks for: negation, hedges, duty, sources, all and only.

Each says what it finds; none knows the other text. Marks of one check alone stand beside it. Not
covered: irony, words that turn their sentence only in context.
"""

import re
from collections.abc import Mapping

from assistant.patterns import any_of, whole
from index.types import Lang

Marks = Mapping[Lang, re.Pattern[str]]


def marks(ko: str, en: str) -> Marks:
    """Marks of one sort: Korean as it stands in a word, English as whole words in any case."""
    return {"ko": re.compile(ko), "en": re.compile(whole(en), re.IGNORECASE)}


# Words that turn a predicate round. Each find is one turn.
NEGATION = marks(
    ko=any_of(
        # 하지 않다, but for 넘지 않다 (at most), 밖에 되지 않다 (only) and 않은지, 않을까 (whether)
        r"(?<!넘)(?<!밖에 [가-힣])(?<!밖에 [가-힣]{2})(?<!밖에 [가-힣]{3})"
        r"(?:지|지는|지도|지를|진|질) ?않(?!은지|을까)",
        r"(?<!미치)(?:지|지는|지도|질) ?못",  # 하지 못하다; 미치지 못하다 compares
        r"(?<![가-힣])(?<!채 )안 (?=[가-힣])(?!걸|되|된)",  # 안 하다; 채 안 되다 counts
        r"(?<![가-힣])(?<!만 )못 ?(?=하|한|할|했|[가-힣]+다)(?!미)",  # 못 하다; 만 못하다 compares
        # 없다, but for 예외 없이, 관계없이, 다름없다, 끊임없이 and the like
        r"(?<!예외 )(?<!제한 )(?<!빠짐)(?<!관계)(?<!상관)(?<!다름)(?<!끊임)(?<!어김)없",
        r"(?<!뿐만 )(?<!뿐 )아니(?!라)",  # 아니다; 뿐 아니라 adds, 아니라 contrasts
        r"아닌(?! )",
        r"아닙",
        r"(?:지|지는) ?(?:말|마)(?=[가-힣 ])(?!지[를은 ])",  # 하지 말다
    ),
    en=any_of(
        r"not(?! only| just| least)(?![^,.;]{1,40} but )",  # "not A but B" contrasts
        r"cannot|n't|[a-z]+n['’]t|never|no longer",
        r"(?<!next to )no(?! more than| fewer| less| later| further than)",  # "no more than" counts
        r"none|nobody|nothing|neither|nor",
        r"fail(?:s|ed|ing)? to",
    ),
)
# Words that may stand for a negation: they excuse the lack of one, and turn nothing themselves.
NEGATIVE = marks(
    ko=any_of(
        "거부|거절|결렬|고사|관계없|구애|그만|그쳤|그치|그친|금지|기각|끊|난색|누락|늦|대신|더뎠",
        "더디|덜 |드[물문]|막[았아는고힌을]|말고|면제|면[하했한]|모자라|모자란|못 ?미|못하|무관",
        "무급|무산|무[장료상]|미달|미[루뤘룬룰]|미만|미치지 못|미흡|밖에|반대|방지|배제|벗어|보류",
        "부결|부인[했하]|부재|부족|불가|불만|불명확|불신|불일|불충분|불투명|불확|불확실|비협조",
        "빠[지졌진]|뿐|사양|삼가|상관없|숨기|실패|아니라|아닌|안 ?[되된될돼됩]|어려[운워울]|어렵",
        "없애|없이|에만|예방|유보|이외|이하|잃|제외|중단|채우지|철회|취소|폐지|피[하했한]|해제",
        "힘[들든]",
    ),
    en=any_of(
        r"un(?!der\b|like\b|til|it|ion|ivers|less|derst|dert|derl|dergo|dersc|i[qf])\w+",  # unable
        r"in(?:capab|ab|adequa|vali)\w+|insuff\w+|im(?:possib|probab)\w+|\w+less",
        r"dis(?:approv|allow|miss|contin|like)\w*",
        r"abandon\w*|absen\w*|apart from|avert\w*|avoid\w*|away|ban(?:s|ned)?|bar(?:s|red|ring)?",
        r"below|cancel\w*|ceas\w*|declin\w*|den(?:y|ied|ies|ial)|deter\w*|difficult\w*|disagre\w*",
        r"disput\w*|doubt\w*|drop\w*|end(?:ed|s)?|except|except\w*|exclu\w*|exempt\w*|fail\w*|few",
        r"fewer|forbid\w*|forgo\w*|free (?:of|from)|freeze\w*|froz\w*|halt\w*|hard(?:ly)?|instead",
        r"irrespective|lack\w*|least|less|little|los[et]\w*|miss\w*|near(?:ly)? nothing|next to no",
        r"nowhere|only|oppos\w*|other than|prevent\w*|prohibit\w*|purely|rather than|refrain\w*",
        r"refus\w*|regardless|reject\w*|ruled out|scarcely|scrap\w*|shelv\w*|short|shortage\w*",
        r"shun\w*|slow\w*|spared?|spurn\w*|stop\w*|suspend\w*|unless|untouched|waiv\w*|whatever",
        r"withh[eo]ld\w*|without|wrong|yet to",
    ),
)
# What leaves open whether it is, or comes, so. English "may" is no May.
HEDGE = marks(
    ko=any_of(
        r"수(?:도)? 있|[ㄹ을를] ?것(?:이|으로|임|입)|것으로 보|[가-힣] 것이다",
        r"(?:할|될|질|날|킬|릴|갈|올|볼|줄|칠|을|일) 것",  # what is still to come
        r"겠[다으지]|고자|려고|려 [하한할]|듯",
        "가능성|계획|관측|기대|방침|배제할 수|아마|예상|예정",
        "예측[된되했한]|우려(?!해|하여)|전망|점쳐|추정",
    ),
    en=any_of(
        r"will|would|(?-i:may)|might|could(?! not)|can(?! not)",
        r"(?<!as )(?<!twice as )likely(?! as)",  # "as likely as" compares
        "able|about to|aims?|allow(?:s|ed)?|anticipate[sd]?|appear(?:s|ed)? (?:set|to)|are to",
        r"assess(?:ed)?|awaits?|bound to|by 20\d\d|capable|chance|due to be|eligible|estimate[sd]?",
        "expect(?:s|ed|ing)?|forecast|fores(?:ees?|aw)|goals?|hopes?|if|improbable",
        "intend(?:s|ed)?|is to|lets?|looks? set|looks? to|must|objectives?|pending|perhaps",
        "plan(?:s|ned)?|possibilit(?:y|ies)|possible|possibl[ey]|potential|predict(?:s|ed)?",
        r"probabl[ey]|project(?:s|ed)|promis\w*|propos\w*|prospect|ruled out|seem(?:s|ed)?|set to",
        "should|targets?|under consideration|unlikely|would-be",
    ),
)
# What foretells beyond doubt; looked for in passages.
FORETOLD = marks(
    ko=any_of(
        r"[을ㄹ] 것으로|[을ㄹ] 것이|것으로 (?:예상|기대|추정|보인)",
        r"수도? 있[다을으지고는]|겠다|듯하",
        "가능성|계획[이을]|내다[보봤본볼봄]|예[상측](?:했|하였|한다|된|되|함|됨|치)|예정",
        "전망[이했하된되함]",
    ),
    en=any_of(
        r"could(?! not)|(?-i:may)|might|will",
        r"(?<!as )likely",
        r"expected|expects?|forecasts?|plans? to|possibl\w+|potential|predicted|predicts?",
        "projected|projects|set to",
    ),
)
# What ought to be, or is asked for.
DUTY = marks(
    ko=any_of(
        r"야만? (?:한|할|하|합|된|됩)|돼야|어야|아야|여야|해야",  # 해야 한다
        r"자고|[하두들] ?말자|하자는|도록",  # 하자고, 하도록
        r"편이 (?:낫|좋)|안[을이]",  # 하는 편이 낫다; 방안을, 안이
        "과제|권고|당부|마땅|목표|바람직|방안|시급|요구|요청|의무|제안|제언|조언|주문|중요|지침",
        "촉구|필요",
    ),
    en=any_of(
        r"must|should|ought|would|has to|have to|is to|are to|be to|bound to|obliged",
        "advice|advis(?:e|es|ed|able)|ask(?:s|ed|ing)? (?:for|that|to)|better|calls? (?:on|for)",
        r"call(?:s|ed|ing)? for|counsel\w*|demand(?:ed|s that)|deserves?|desirable|duty|essential",
        "favou?rs?|goals?|important|merits?|necessary|needed|needs?|objectives?|owes?",
        r"prescribe\w*|propos(?:e|es|ed|al|als|ing)|recommend(?:s|ed|ation|ations|ing)?",
        "request(?:s|ed)?|requir(?:e|es|ed|ing)|suggest(?:s|ed|ion|ions)?|targets?|urge[sd]?",
        "want(?:s|ed)?|warrants?",
    ),
)
# That somebody says, thinks or asks it, in words of any kind: the claim's, which these excuse.
SOURCE = marks(
    ko=any_of(
        # 한다고, 하자고, 하는 것으로 and what follows them
        r"다고 (?:본|보|한|했|하|적|여|생각)|라고 (?:본|보|한|했|하|적|쓰|썼|여|생각)|자고 ",
        r"것으로 (?:본|여|평가)|(?:로|으로) (?:본다|보고 있다|여기|규정|꼽)|기로 (?:했|하였|한)",
        r"고 [가-힣]{1,3}[다습]|고 말[하했한해]|고 보[는고았아며]|[다로고] 봄|다는 것이|라는 것이",
        r"다는 입장|이라는 것이|으리라는",
        "강조[했하한]|거론|견해|경계|경고|계산|고백|공언|관측|권고|기대한|꼬집|꼽[았는]|나타내",
        "나타냈|낙관|난색|내[놨놓]|내다[보봤]|논리|단서|답[했하한]|덧붙|되[뇌물]|들[었며]|따르면",
        "말함|말[했하한]다|맞서|맞섰|반박|반[발기겼]|발언|밝[혔히힌]|밝힘|보[고았]|보고[하했한]",
        "봅니다|[봤]다|봤[다으고는습]|분석|불만|비관|비난|비판|생각|선언|선을 그|선호|설명|설명함",
        "설명[했하한]|설문|술회|시각|썼[다습]|알[렸리]|약속|언급|여[겼긴]|예상|예상한|예상했|요구",
        "요청|우려|응답|의견|의심|의하면|이견|이의|인식|인정|입 모|자평|적었|전망|전함|전했|제안",
        "제언|조사에서|조언|주문|주장|증언|지적[했하한]|진단|질타|짚|촉구|추정|추정[하했한]|토로",
        "통보|판단|판단[했하한해이에]|평가[했하한]|평하|평한|평했|해석|혐의|호소|회고",
    ),
    en=any_of(
        r"according to|in \w+['’]s? words|eyes of|hold(?:s)? that|mean(?:s|t)? by|against|mind",
        r"account|accus\w*|acknowledg\w+|add(?:s|ed)|admit(?:s|ted)?|advice|advis(?:e|es|ed|ing)",
        r"alleg\w*|announc(?:e|es|ed)|answer\w*|appeal(?:s|ed)?|argu(?:e|es|ed|ing|ment)|arguing",
        "asks|ask(?:s|ed)? (?:for|that)|assess(?:es|ed)?|assessments?|attribut(?:e|es|ed)",
        r"believ(?:e|es|ed)|blam\w*|brand\w*|calculat(?:e|es|ed)|call(?:s|ed)?",
        r"call(?:s|ed) (?:for|it)|caution(?:s|ed)?|cit(?:e|es|ed|ing)|claim(?:s|ed)?|comment\w*",
        "complain(?:s|ed|t)?|conclud(?:e|es|ed)|consider(?:s|ed)?|contends?|contend(?:s|ed)",
        r"counter(?:s|ed)|credits?|credit(?:s|ed)|criticis\w+|criticiz\w+|declar\w+",
        r"demand(?:s|ed)?|denounc\w+|den(?:y|ies|ied)|describ(?:e|es|ed)|dismiss\w*|doubt\w*",
        "emphasi[sz]e[sd]?|estimated|estimates|expect(?:s|ed)?|explain(?:s|ed)?|explanation",
        r"fault(?:s|ed)|fear\w*|feel(?:s)?|felt|finding|finds?|forecast(?:s|ed)?|fores(?:ees?|aw)",
        r"found|hail\w*|held up|indicat(?:e|es|ed)|insisting|insist(?:s|ed|ing|ence)?|judgement",
        "judge[sd]?|judgment|maintain(?:s|ed)|name[sd]|note[sd]?|noting|object(?:s|ed|ion)?",
        "observ(?:es|ed)|opinion|oppos(?:e|es|ed)|perspective|pledg(?:e|es|ed)|point(?:s|ed) out",
        r"poll\w*|prais\w*|predict\w*|prefer(?:s|red)?|project(?:s|ed)|promis(?:e|es|ed)",
        r"proposals?|propos(?:e|es|ed)|puts? |rate[sd]|rebuk\w*|recall(?:s|ed)?|reckon\w*",
        r"recommendations?|recommend(?:s|ed)?|regard(?:s|ed)?|reject\w*|remark(?:s|ed)?",
        r"report(?:s|ed)?|request(?:s|ed)?|respondents|respond\w*|said|saying|says?|see(?:s)?",
        "showed|shows|(?:speak|spoke)s?|standpoint|stat(?:e|es|ed|ing)|stress(?:es|ed)?",
        r"suggest\w*|survey\w*|suspect\w*|testif\w+|think(?:s|ing)?|thought|told",
        r"urg(?:e|es|ed|ing)|verdict|view(?:s|ed)?|warn(?:s|ed)?|welcom\w+|words|worr\w*|writes",
        "wrote",
    ),
)
# Verbs of saying that tell whose words a sentence of the passages is.
SAYS = marks(
    ko=any_of(
        r"(?<!의사를 )(?<!뜻을 )밝[혔히힌혀힐]",  # 뜻을 밝히다 says what will be done
        r"(?:다|라|자)고 [가-힣 ]{0,8}[가-힣]+다|고 말[하했한해]|(?:로|고) 보지|다는 입장",
        "강조[했하한]|계산하|답[했하]|말하였|말[했하한]다|반박|보았다|본다|봤다|비판[한했하]",
        "설명[한했하]|(?:요구|권고|제안)(?:한|했|하였|해)|주장|지적[했하한]|판단[했하한해이]",
        "평가[했하한]|평했|회고",
    ),
    en=any_of(
        "according to|added|argue[sd]|asked|attributes|believes?|called|cautioned|claim(?:s|ed)",
        "complain(?:s|ed)|conclude[sd]|considers|contend(?:s|ed)|counter(?:s|ed)|credits",
        r"criticis\w+|criticiz\w+|demand(?:s|ed)|describe[sd]|estimates|explain(?:s|ed)|holds that",
        "insist(?:s|ed)|judge[sd]|noted|objects?|opposed|prefers|propose[sd]|recommend(?:s|ed)?",
        "said|says|stated|stress(?:es|ed)|thinks?|told|views|warn(?:s|ed)|wrote",
    ),
)
# All, always, whatever happens.
ALL = marks(
    ko=any_of(
        # 모두, but for 모두 셋, which counts
        r"모두(?! ?(?:[0-9]|[한두세네] |다섯|여섯|일곱|여덟|아홉|열 ))",
        r"전체(?! [0-9가-힣]*[ 의가]|의|에서|가)",  # 전체 예산의 is no more than a whole
        r"어떤 (?:경우|상황|[가-힣]+)(?:에도|이든|도|든)",
        "관계없|끝까지|누구나|늘 |모든|무조건|빠짐없이|상관없|언제나|언제든|영구|예외 ?없|완전히",
        "전면|전부|전원|전적|절대|제한 ?없|하나같이|항상",
    ),
    en=any_of(
        # but for "above all", "all but", "at all", "all the same", "in all 24", and "in all cases"
        r"(?<!above )(?<!\bat )(?<!\bafter )(?<!\bin )"
        r"all(?! but|-| the same| the way| along| sorts| kinds| told| in all| over)",
        r"in all (?:cases|of)",
        # but for "nearly every", and "every year" or "every two days", which say how often
        r"(?<!not )(?<!nearly )(?<!almost )every(?! (?:year|month|day|week|quarter|one of|[0-9]|"
        r"two|three|four|five|six|other))",
        r"everyone|everything|always|whenever|throughout|never",
        r"entire(?:ly)?|the whole|completely|fully|totally|permanent(?:ly)?|forever",
        r"whatever (?:the|their|its)|however (?:long|much|many|far|small|large)",
        r"no matter|regardless|unconditional(?:ly)?",
    ),
)
# This and no other.
ONLY = marks(
    ko=any_of(
        r"(?<=[가-힣])만(?= |을|은|의|으로|,)(?! ?못)",  # the particle; 만 못하다 compares
        r"뿐(?:이|인|,)|단 (?:한|하나)",
        "단지|오직|유일|한하여|한해",
    ),
    en=any_of(
        # but for "only three", "just over", "only if", "just after"
        r"(?:only|just)(?! (?:[0-9a]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|over|"
        r"under|before|after|part|below|above|about|half|once|twice|some|few|if|when|short|been))",
        r"sole(?:ly)?|exclusively|nothing but|purely",
    ),
)
