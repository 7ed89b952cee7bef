"""Korean words as their bearers and the road signs spell them, for training transliteration.

Purpose: pairs such as 한라산 hallasan, 이 lee, 영숙 youngsook, of which translated texts have few.
Contract: `romanised` draws one spelling, by the Revised Romanisation or by what is common; the
random generator given decides. Sounds change where syllables meet, as a speaker hears them, in most
but not all spellings. Not covered: hyphens, the apostrophes and breves of McCune-Reischauer.
"""

import random
from collections.abc import Iterator, Sequence

from index.spelling import CODAS, ONSETS, VOWELS

# Spellings of each onset, vowel and coda, the revised one first, with how often it is met.
_ONSETS = dict(
    row.split(" ", 1)
    for row in (
        "ㄱ g6 k4|ㄲ kk8 gg1 k1|ㄴ n1|ㄷ d7 t3|ㄸ tt8 dd1|ㄹ r7 l2 n1|ㅁ m1|ㅂ b7 p3|ㅃ pp1|"
        "ㅅ s9 sh0.3|ㅆ ss1|ㅈ j7 ch3|ㅉ jj8 tch1|ㅊ ch1|ㅋ k1|ㅌ t1|ㅍ p1|ㅎ h1"
    ).split("|")
)
_VOWELS = dict(
    row.split(" ", 1)
    for row in (
        "ㅏ a20 ah1|ㅐ ae7 ai2 e0.5|ㅑ ya1|ㅒ yae1|ㅓ eo6 u2 o1.5 e0.2|ㅔ e8 ae0.3|"
        "ㅕ yeo6 you1.5 yu1.2 yo1|ㅖ ye8 e1 ae0.3|ㅗ o9 oh0.4|ㅘ wa1|ㅙ wae1|ㅚ oe6 oi1 we0.5|"
        "ㅛ yo1|ㅜ u7 oo3|ㅝ wo6 weo1|ㅞ we1|ㅟ wi8 wee0.4|ㅠ yu7 yoo1 you0.5|ㅡ eu8 u2|"
        "ㅢ ui7 eui1 ee0.5|ㅣ i8 ee1.5"
    ).split("|")
)
_CODAS = {
    coda: letters
    for letters, codas in zip(
        "k n t l m p ng".split(), "ㄱㅋㄲ ㄴ ㄷㅅㅆㅈㅊㅌ ㄹ ㅁ ㅂㅍ ㅇ".split(), strict=True
    )
    for coda in codas
} | {"ㅎ": ""}
SINGLE = dict(zip("ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ", "ㄱㄴㄴㄱㅁㄹㄹㄹㅂㄹㅂ", strict=True))
_CARRIED = dict(zip("ㄱㄷㄹㅂㅅㅈㅊㅌㅍ", "g d r b s j ch t p".split(), strict=True))
_BEFORE_NASAL = dict(zip("ㄱㅋㄲㅂㅍㄷㅅㅈ", "ㅇㅇㅇㅁㅁㄴㄴㄴ", strict=True))

# Names whose spellings no rule gives.
NAMES = (
    "김 kim gim|이 lee yi rhee|박 park pak bak|최 choi choe|정 jung chung jeong cheong|"
    "강 kang gang|조 cho jo|윤 yoon yun|장 jang chang|임 lim im rim|한 han|오 oh o|서 seo suh|"
    "신 shin sin|권 kwon gwon|황 hwang|안 ahn an|송 song|전 jeon chun jun|홍 hong|유 yoo yu you|"
    "고 ko go koh|문 moon mun|양 yang|손 son sohn|배 bae pae|백 baek paik paek|허 heo huh hur|"
    "노 roh noh no|남 nam|심 shim sim|하 ha|곽 kwak gwak|성 sung seong|차 cha|주 joo ju chu|"
    "우 woo u|구 koo ku gu|류 ryu|나 na ra|민 min|진 jin chin|지 ji chi|엄 um eom|원 won|"
    "천 cheon chun|방 bang pang|공 kong gong|현 hyun hyeon|함 ham|변 byun byeon|염 yeom yum|"
    "석 seok suk|선 sun seon|설 seol sul|마 ma|길 gil kil|연 yeon|위 wi|표 pyo|명 myung myeong|"
    "기 ki gi|반 ban pan bahn|왕 wang|금 keum geum|옥 ok|인 in|맹 maeng|제 je jae|탁 tak|"
    "국 kook guk|은 eun|편 pyun pyeon|용 yong|승만 syngman seungman|평양 pyongyang pyeongyang|"
    "서울 seoul|현대 hyundai|삼성 samsung|대우 daewoo|부산 busan pusan|대구 daegu taegu|"
    "인천 incheon inchon|제주 jeju cheju|김치 kimchi gimchi|한글 hangul hangeul|"
    "태권도 taekwondo|불고기 bulgogi|비빔밥 bibimbap|정은 jongun jeongeun|정일 jongil jeongil|"
    "일성 ilsung ilseong|정희 chunghee junghee jeonghui|대중 daejung|무현 moohyun muhyeon|"
    "재인 jaein|근혜 geunhye|명박 myungbak|영삼 youngsam|두환 doohwan|태우 taewoo|"
    "석열 sukyeol sukyeol|세종 sejong|순신 sunsin sunshin|신라 silla shilla|백제 baekje paekche|"
    "고구려 goguryeo koguryo|가야 gaya kaya|발해 balhae parhae|고려 goryeo koryo|"
    "경주 gyeongju kyongju|판문점 panmunjom panmunjeom|개성 kaesong gaeseong|독도 dokdo tokdo|"
    "양반 yangban|소주 soju|막걸리 makgeolli|재벌 chaebol jaebol|온돌 ondol|한복 hanbok|"
    "판소리 pansori|아리랑 arirang|화랑 hwarang|한류 hallyu|주체 juche"
)
_GIVEN = (
    "영 young yeong yong|현 hyun hyeon|숙 sook suk|수 soo su|우 woo u|은 eun un|준 jun joon|"
    "희 hee hui|성 sung seong|경 kyung gyeong kyeong|용 yong|철 chul cheol|근 geun keun|"
    "미 mi mee|선 sun seon|훈 hoon hun|승 seung|정 jung jeong|재 jae|혁 hyuk hyeok|규 kyu gyu|"
    "민 min|지 ji|상 sang|진 jin|동 dong|호 ho|태 tae|석 seok suk|원 won|기 ki gi|주 ju joo|"
    "연 yeon youn|인 in|혜 hye|순 soon sun|종 jong|광 kwang gwang|문 moon mun|병 byung byeong|"
    "윤 yoon yun|아 ah a|나 na|하 ha|서 seo|유 yu yoo|도 do|찬 chan|홍 hong|일 il|창 chang|"
    "중 joong jung|대 dae|국 kook guk|한 han|남 nam|명 myung myeong|익 ik|란 ran|애 ae|옥 ok|"
    "자 ja|화 hwa|욱 wook uk|환 hwan|빈 bin|솔 sol|람 ram|율 yul"
)


# Spellings of surnames that are no English words; one syllable says too little for a channel.
SURNAMES = {
    name: spellings.split()
    for name, spellings in (
        row.split(" ", 1)
        for row in (
            "김 kim gim|이 lee yi rhee|박 park pak bak|최 choi choe|정 jung chung jeong cheong|"
            "강 kang|조 cho jo|윤 yoon yun|장 jang chang|임 lim im rim|서 seo suh|신 shin|"
            "권 kwon gwon|황 hwang|안 ahn|전 jeon chun|홍 hong|유 yoo yu|고 koh|양 yang|손 sohn|"
            "배 bae|백 baek paik paek|허 heo huh hur|노 roh|남 nam|심 shim|곽 kwak|차 cha|류 ryu"
        ).split("|")
    )
}


def romanised(word: str, rng: random.Random, *, revised: bool = False) -> str:
    """One spelling of a Hangul word; with `revised`, that of the Revised Romanisation."""
    onsets, vowels, codas = [], [], []
    for syllable in word:
        number = ord(syllable) - ord("가")
        onsets.append(ONSETS[number // 588])
        vowels.append(VOWELS[number % 588 // 28])
        coda = CODAS[number % 28].strip()
        codas.append(SINGLE.get(coda, coda))
    if revised or rng.random() < 0.75:
        for i in range(len(word) - 1):
            codas[i], onsets[i + 1] = _met(codas[i], onsets[i + 1])
    out = ""
    for onset, vowel, coda in zip(onsets, vowels, codas, strict=True):
        out += _drawn(_ONSETS.get(onset, onset), rng, revised)
        out += _drawn(_VOWELS[vowel], rng, revised) + _CODAS.get(coda, coda)
    return "".join(c for c in out if "a" <= c <= "z")


def _met(coda: str, onset: str) -> tuple[str, str]:
    """A coda and the onset after it, as they sound together; letters a to z are final spellings."""
    if coda + onset in ("ㄴㄹ", "ㄹㄴ", "ㄹㄹ"):
        return "ㄹ", "l"
    if onset == "ㅇ" and coda in _CARRIED:
        return _CARRIED[coda], onset
    if onset in ("ㄴ", "ㅁ", "ㄹ") and coda in _BEFORE_NASAL:
        return _BEFORE_NASAL[coda], "ㄴ" if onset == "ㄹ" else onset
    return coda, "ㄴ" if onset == "ㄹ" and coda in ("ㅇ", "ㅁ") else onset


def _drawn(spellings: str, rng: random.Random, first: bool) -> str:
    options = spellings.split()
    plain = [option.rstrip("0123456789.") for option in options]
    if first or len(options) == 1:
        return plain[0]
    weights = [float(option[len(p) :]) for option, p in zip(options, plain, strict=True)]
    return rng.choices(plain, weights)[0]


def korean_pairs(words: Sequence[str], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Words with a spelling each, names with the usual ones, and given names put together."""
    for i, word in enumerate(words):
        yield word, romanised(word, rng, revised=i % 5 < 3)
    for row in NAMES.split("|"):
        name, *spellings = row.split()
        yield from ((name, spelling) for spelling in spellings)
    given = [row.split() for row in _GIVEN.split("|")]
    for _ in range(1500):
        (a, *first), (b, *second) = rng.choice(given), rng.choice(given)
        yield a + b, rng.choice(first) + rng.choice(second)
