"""Words of a text in either language: Kiwi morphemes for Korean, stemmed words for English.

A token carries the base form that search works with (`term`), so that 분담금을, 분담금은 and 분담금 are
one term, and so are "demands" and "demanded". Words that carry no content (particles, endings,
articles, auxiliaries) give no token. The only home of kiwipiepy,
PyStemmer and sentencex.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import Stemmer
    from kiwipiepy import Kiwi
    from kiwipiepy import Token as KiwiToken

VERSION = 7  # part of the index manifest: raise it when terms change

WORKERS = 2  # threads; the texts of a library are many

TokenKind = Literal["noun", "name", "verb", "number", "other"]

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_ENGLISH = re.compile(
    r"U\.S\.(?:A\.)?|U\.K\.|U\.N\.|\d[\d,]*(?:\.\d+)?|[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?"
)
_ABBREVIATED = {"US": "usa", "U.S.": "usa", "U.S.A.": "usa", "U.K.": "uk", "U.N.": "un"}
_KINDS: dict[str, TokenKind] = {
    "NNG": "noun",
    "NNP": "name",
    "NNB": "noun",
    "NR": "number",
    "SN": "number",
    "SL": "name",
    "SH": "name",
    "XR": "noun",
    "VV": "verb",
    "VA": "verb",
    "MAG": "other",
    "MM": "other",
    "XPN": "other",
    "XSN": "other",
}
# Korean words that say nothing of the subject: bound nouns, light verbs, connecting adverbs.
_KOREAN_STOP = frozenset(
    "것 거 수 등 때 바 줄 데 점 측 중 간 뿐 채 듯 만큼 대로 따름 때문 내 및 하다 되다 있다 없다 이다 않다 같다 보다 "
    "대하다 위하다 통하다 따르다 관하다 의하다 인하다 그러하다 이러하다 그렇다 이렇다 어떻다 어떠하다 그리고 그러나 "
    "하지만 또한 또 즉 및 더 좀 더욱 매우 가장 잘 못 안 이 그 저 한 두 약 각 모든 여러 현재 따라서 그래서 그런데 "
    "대(對) 對 나가다 오다 가다 주다 놓다 두다 버리다 싶다 말다 나아가 한편 물론 특히 무엇보다 애초 이미 여전히 정도 "
    "이후 이전 경우 쪽 편 분 개 적 화 성 들 씩 님 년 월 일".split()
)
_ENGLISH_STOP = frozenset(
    "a an the this that these those there here it its itself he his him himself she her they their them we our us "
    "i my me you your of to in on at by for from with within without into onto upon about as than then and or but "
    "nor so if because while when where which who whom whose what why how is are was were be been being am do does "
    "did doing done has have had having can could may might must shall should will would not no nor only own same "
    "too very just also both each any some such more most other even still yet ever however accordingly meanwhile "
    "again further furthermore above all over under up down out off between among through during before after "
    "against per via let s t d ll re ve "
    # as typed in haste
    "w wat wut wen hav r u ur y b pls plz thx gonna wanna abt bc cuz coz im dont doesnt didnt ppl idk".split()
)

# Irregular forms of English verbs and nouns that stemming cannot bring together.
IRREGULAR: dict[str, str] = {
    form: base
    for base, forms in (
        entry.split(":")
        for entry in (
            "spend:spent send:sent build:built lend:lent lose:lost leave:left keep:kept feel:felt meet:met "
            "mean:meant deal:dealt sell:sold tell:told say:said pay:paid lay:laid make:made hear:heard "
            "hold:held stand:stood understand:understood withstand:withstood find:found bind:bound "
            "win:won fight:fought buy:bought bring:brought think:thought seek:sought teach:taught "
            "catch:caught begin:began,begun drink:drank,drunk sing:sang,sung shrink:shrank,shrunk "
            "sink:sank,sunk give:gave,given take:took,taken undertake:undertook,undertaken "
            "shake:shook,shaken break:broke,broken speak:spoke,spoken choose:chose,chosen steal:stole,stolen "
            "freeze:froze,frozen drive:drove,driven rise:rose,risen write:wrote,written ride:rode,ridden "
            "see:saw,seen foresee:foresaw,foreseen know:knew,known grow:grew,grown throw:threw,thrown "
            "draw:drew,drawn withdraw:withdrew,withdrawn overthrow:overthrew,overthrown show:shown "
            "fall:fell,fallen eat:ate,eaten go:went,gone become:became come:came overcome:overcame run:ran "
            "get:got,gotten forget:forgot,forgotten forgive:forgave,forgiven bear:bore,borne wear:wore,worn "
            "swear:swore,sworn lead:led feed:fed flee:fled read:read strike:struck stick:stuck hit:hit "
            "sit:sat lie:lay,lain fly:flew,flown wake:woke,woken tear:tore,torn hide:hid,hidden "
            "arise:arose,arisen sleep:slept sweep:swept weep:wept creep:crept leap:leapt "
            "man:men woman:women person:people child:children ally:allies country:countries"
        ).split()
    )
    for form in forms.split(",")
}


@dataclass(frozen=True, slots=True)
class Token:
    """A content word: base form, part of speech, and the code points it stands on."""

    term: str
    kind: TokenKind
    char_start: int
    char_end: int


@lru_cache(maxsize=1)
def load_morphology(names: tuple[str, ...]) -> "Morphology":
    """The morphology told of `names`; the last one is kept, since a model takes seconds to load."""
    return Morphology(names)


@lru_cache(maxsize=1)
def load_spacing() -> "Morphology":
    """The morphology without names, kept apart: for asking where Korean words end."""
    return Morphology()


class Morphology:
    """Tokens and sentences of Korean, English and mixed text. Safe to share between threads."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """`names` are Korean words that must be read as names (가자, which also means "let's go")."""
        self.names = tuple(names)
        self._lock = threading.Lock()

    @cached_property
    def _kiwi(self) -> "Kiwi":
        from kiwipiepy import Kiwi

        # Without the dictionary of multi-word names the model loads in half the time and memory,
        # and splits names into their parts, which is what search wants.
        kiwi = Kiwi(num_workers=WORKERS, load_multi_dict=False)
        for name in self.names:
            kiwi.add_user_word(name, "NNP", 0)
        return kiwi

    @cached_property
    def _stemmer(self) -> "Stemmer.Stemmer":
        import Stemmer

        return Stemmer.Stemmer("english")

    def one_word(self, left: str, right: str) -> bool:
        """Whether no space belongs between two pieces of Korean text, by what stands around."""
        with self._lock:
            _, spaced = self._kiwi.glue([left, right], return_space_insertions=True)
        return not spaced[0]

    def spaced(self, text: str) -> str:
        """Korean text with its words set apart, nothing else changed."""
        with self._lock:
            return str(self._kiwi.space(text, reset_whitespace=True))

    def tokens(self, text: str) -> list[Token]:
        """The content words of `text`, in order."""
        return next(iter(self.tokens_of([text])))

    def tokens_of(
        self, texts: Iterable[str], known: Mapping[str, list[Token]] | None = None
    ) -> list[list[Token]]:
        """`tokens` of many texts, faster than one by one; `known` are those of some of them."""
        texts, known = [unicodedata.normalize("NFC", text) for text in texts], known or {}
        with self._lock:  # neither Kiwi nor the stemmer promises to be safe under threads
            korean = [text for text in texts if text not in known and _HANGUL.search(text)]
            analysed = iter(self._kiwi.tokenize(korean)) if korean else iter(())

            def tokens(text: str) -> list[Token]:
                if (tokens := known.get(text)) is not None:
                    return tokens
                if _HANGUL.search(text):
                    return list(self._korean(next(analysed)))
                return list(self._english(text))

            return [tokens(text) for text in texts]

    def dictionary_terms(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """The terms of dictionary entries such as 줄이다, which without context reads as 줄 + 이다."""
        return [
            (word,)
            if re.fullmatch(r"[가-힣]{2,}다", word) and not _denominal(word, tokens)
            else tuple(token.term for token in tokens)
            for word, tokens in zip(words, self.tokens_of(words), strict=True)
        ]

    def lost(self, words: Sequence[str]) -> list[str]:
        """Those of `words` that are mostly taken for grammar, so that search would not see them."""
        return [
            word
            for word, tokens in zip(words, self.tokens_of(words), strict=True)
            if re.fullmatch(r"[가-힣]{2,}", word)
            and sum(t.char_end - t.char_start for t in tokens if t.kind != "verb") * 2 <= len(word)
        ]

    def sentences(self, text: str) -> list[tuple[int, int]]:
        """Spans of the sentences of `text`; together they hold everything but outer white space."""
        return self.sentences_of([text])[0]

    def sentences_of(
        self, texts: Sequence[str], known: dict[str, list[Token]] | None = None
    ) -> list[list[tuple[int, int]]]:
        """`sentences` of many texts, faster than one by one.

        Kiwi reads words to find sentences: `known` gets the tokens of each Korean one.
        """
        with self._lock:
            korean = [text for text in texts if _HANGUL.search(text)]
            cut = iter(self._kiwi.split_into_sents(korean, return_tokens=known is not None))
            spans = []
            for text in texts:
                if not _HANGUL.search(text):  # Kiwi leaves English paragraphs whole
                    spans.append(_english_sentences(text))
                    continue
                found = next(cut)
                spans.append([(s.start, s.end) for s in found])
                if known is not None:
                    for s in found:
                        # Not where Hangul is wanting: alone it would be read as English.
                        if _HANGUL.search(text, s.start, s.end):
                            known[text[s.start : s.end]] = list(self._korean(s.tokens, s.start))
            return spans

    def _korean(self, morphemes: Sequence["KiwiToken"], begin: int = 0) -> Iterator[Token]:
        for morpheme in morphemes:
            tag = morpheme.tag.split("-")[0]  # VV-I and VV-R are conjugation classes of VV
            kind = _KINDS.get(tag)
            if kind is None:
                continue
            start = morpheme.start - begin
            end = start + morpheme.len
            if tag == "SL":
                for token in self._english(morpheme.form):
                    yield Token(token.term, token.kind, start, end)
                continue
            form = morpheme.form.replace(",", "") if tag == "SN" else morpheme.form
            term = form + "다" if kind == "verb" else form
            if term not in _KOREAN_STOP:
                yield Token(term, kind, start, end)

    def _english(self, text: str) -> Iterator[Token]:
        for match in _ENGLISH.finditer(text):
            word = match.group().replace("’", "'")
            if word[0].isdigit():
                number = word.replace(",", "").rstrip(".")
                yield Token(number, "number", match.start(), match.end())
                continue
            # The pronoun "us" is a stop word; the country US is not.
            plain = _ABBREVIATED.get(word) or word.lower().removesuffix("'s")
            if plain in _ENGLISH_STOP:
                continue
            kind: TokenKind = "name" if word[0].isupper() else "noun"
            plain = IRREGULAR.get(plain, plain)
            yield Token(self._stemmer.stemWord(plain), kind, match.start(), match.end())


def _english_sentences(text: str) -> list[tuple[int, int]]:
    from sentencex import segment

    spans, start = [], 0
    for piece in segment("en", text):
        words = piece.strip()
        if words:
            start = text.index(words, start)
            spans.append((start, start + len(words)))
            start += len(words)
    return spans


def _denominal(word: str, tokens: Sequence[Token]) -> bool:
    """감축하다, 위협적이다: a noun with 하다, 되다 or 이다, which search finds by the noun."""
    endings = ("하다", "되다", "시키다", "당하다", "받다", "적이다", "스럽다", "롭다")
    return any(
        word.endswith(ending) and tokens and tokens[0].term == word.removesuffix(ending)
        for ending in endings
    ) or (len(tokens) == 1 and tokens[0].kind == "verb")
