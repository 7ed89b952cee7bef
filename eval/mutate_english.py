"""Mistakes in what an English sentence asserts, made by rules on its auxiliaries; pure.

Each function gives the sentence back with one mistake, or None where it gives no occasion. Not
covered: negation by prefix (un-), verbs that the lists below do not hold.
"""

import re

_PAST = {
    **dict.fromkeys(("cut", "put", "set", "spread", "hit"), ""),
    "be": "was",
    "have": "had",
    "do": "did",
    "make": "made",
    "take": "took",
    "become": "became",
    "come": "came",
    "lead": "led",
    "rise": "rose",
    "fall": "fell",
    "grow": "grew",
    "bring": "brought",
    "begin": "began",
    "build": "built",
    "spend": "spent",
    "hold": "held",
    "keep": "kept",
    "lose": "lost",
    "meet": "met",
    "pay": "paid",
    "see": "saw",
    "seek": "sought",
    "send": "sent",
    "give": "gave",
    "get": "got",
    "go": "went",
    "find": "found",
    "draw": "drew",
    "bear": "bore",
    "drive": "drove",
    "fight": "fought",
    "deal": "dealt",
    "leave": "left",
    "mean": "meant",
    "say": "said",
    "show": "showed",
    "speak": "spoke",
    "strike": "struck",
    "win": "won",
    "withdraw": "withdrew",
    "undergo": "underwent",
    "run": "ran",
    "stand": "stood",
    "break": "broke",
    "choose": "chose",
    "weaken": "weakened",
    "offer": "offered",
    "transfer": "transferred",
}
_DOUBLED = re.compile(
    r"^[^aeiou]+[aeiou][^aeiouwxy]$|(?:commit|occur|prefer|refer|control|permit)$"
)
_ADVERB = r"(?:(?P<adverb>also|further|soon|still|then|thus|therefore|again|once again|\w+ly) )?"
_WILL = re.compile(
    r"\b(?:(?:is|are|was|were) (?:widely |also )?(?:expected|projected|forecast|likely|predicted|"
    r"anticipated|set|poised|scheduled|bound|going) to|will|may well|may|might|could|"
    r"(?:plans?|intends?|aims?|hopes?) to) " + _ADVERB + r"(?P<verb>[a-z]+)\b"
)
_MUST = re.compile(
    r"\b(?:should|must|(?:has|have|needs?|ought) to|(?:is|are) (?:advised|urged|required) to) "
    + _ADVERB
    + r"(?P<verb>[a-z]+)\b"
)
_NECESSARY = re.compile(
    r"\b[Ii]t is (?:also )?(?:necessary|desirable|important|essential|advisable|time) "
    r"(?:for (?P<who>[^,.]{2,60}?) )?to (?P<verb>[a-z]+)\b"
)
_SAY = (
    r"(?:said|says?|claims?|claimed|argues?|argued|stated?|states|warns?|warned|believes?|believed|"
    r"noted|notes|holds|held|thinks|thought|judges?|judged|views?|stress(?:es|ed)|insists?|insisted|emphasi[sz]e[sd]?|declared?|assess(?:es|ed)|"
    r"pointed out|points? out|criticis?z?e[sd]?|asserts?|asserted|predict(?:s|ed)?|announced)"
)
_SOURCES = (
    re.compile(rf"^[^,.]{{2,80}}?\b{_SAY},? that (?P<said>.+)$"),
    re.compile(r"^It (?:can|could|may) be (?:said|assessed|argued) that (?P<said>.+)$"),
    re.compile(r"^(?:According to|In the view of|In the opinion of) [^,]+, (?P<said>.+)$"),
    re.compile(rf"^(?P<said>.+?),? (?:according to [^,.]+|[^,.]{{2,40}} {_SAY})$"),
    re.compile(
        r"^There (?:is|are|was|were) (?:also )?(?:an? )?(?:\w+ )?(?:views?|claims?|criticisms?|"
        r"assessments?|opinions?|arguments?|concerns?) that (?P<said>.+)$"
    ),
)
_DROPPED = (
    (re.compile(r"\bcannot\b|\bcan not\b"), "can"),
    (re.compile(r"\b(did|does|do|is|are|was|were|will|would|has|have|had|should|must) not\b"), ""),
    (re.compile(r"\bno longer\b"), "still"),
    (re.compile(r"\bnever\b"), "always"),
)
_AUXILIARY = re.compile(
    r"\b(?:(?P<be>is|are|was|were|will|would|could|should|must|may|might)|(?P<can>can)|"
    r"(?P<have>has|have|had)(?= (?:\w+ed|been|become|made|taken|shown|grown|led|come|begun|"
    r"already|long|also)\b))\b"
)
_HANGING = re.compile(
    r"\b(?:that|which|who|as|after|although|though|if|when|while|since|because|whether|what)\b"
    r"[^,]*$",
    re.IGNORECASE,
)
_PLAIN = (
    "aims seeks plans continues shows suggests requires needs means includes remains wants "
    "supports opposes demands criticizes expects regards considers plays faces holds makes takes "
    "gives reflects depends leads makes poses offers constitutes represents emphasizes reveals"
).split()
_VERB_S = re.compile(rf"\b(?P<s>{'|'.join(_PLAIN)})\b")
_TENSE = {past: verb for verb, past in _PAST.items() if past and verb not in ("be", "have", "do")}
_ED = re.compile(
    rf"(?<=[A-Za-z\d] )(?<!the )(?<!an )(?<!\ba )(?<!and )(?<!of )(?<!by )(?<!been )(?<!as )"
    rf"(?P<past>{'|'.join(_TENSE)}|[a-z]{{2,}}ed)\b(?! (?:by|in|on|at) )"
)
_SILENT_E = re.compile(r"(?:[cvzu]|[^s]s|[dr]g|[^aeiou][lr]|[aeo]t|ut|ns|vid|cid|lud|rad|oak|uir)$")


def negated(text: str) -> str | None:
    """The opposite: a negation taken away, or one put in."""
    for pattern, instead in _DROPPED:
        if found := pattern.search(text):
            word = instead or found[1]
            return text[: found.start()] + word + text[found.end() :]
    clauses = [m for m in _AUXILIARY.finditer(text)]
    # One of a clause that hangs on another is a smaller mistake than that of the sentence.
    main = [m for m in clauses if not _HANGING.search(_to(text, m))]
    for found in [*main, *clauses]:
        word = "cannot" if found["can"] else f"{found[0]} not"
        return text[: found.start()] + word + text[found.end() :]
    if found_s := _VERB_S.search(text):
        return _with(text, found_s, f"does not {_base(found_s[0])}")
    if found_ed := _ED.search(text):
        return _with(text, found_ed, f"did not {_present(found_ed[0])}")
    return None


def told_as_fact(text: str) -> str | None:
    """A forecast or possibility as what has happened."""
    found = _WILL.search(text)
    if found is None or found["verb"] in ("not", "no"):
        return None
    if re.search(r"\b(?:can|will|must|should|would|not|to) $", _to(text, found)):
        return None
    adverb = found["adverb"]
    kept = f"{adverb} " if adverb in ("also", "further", "again", "actively") else ""
    return _with(text, found, kept + _happened(found["verb"], _to(text, found)))


def told_as_decided(text: str) -> str | None:
    """A recommendation as what has been decided."""
    if found := _NECESSARY.search(text):
        who = found["who"] or "the government"
        who = who[0].upper() + who[1:] if found.start() == 0 else who
        return _with(text, found, f"{who} has decided to {found['verb']}")
    found = _MUST.search(text)
    if found is None or found["verb"] in ("not", "been"):
        return None
    if found["verb"] == "have" and text.startswith(" been", found.end()):
        return None
    have = "have" if _is_plural(_to(text, found)) else "has"
    if found["verb"] == "be":
        return _with(text, found, f"{have} been")
    return _with(text, found, f"{have} decided to {found['verb']}")


def told_as_own(text: str) -> str | None:
    """What somebody says as the author's own word."""
    body = text.rstrip(" .")
    for pattern in _SOURCES:
        if found := pattern.search(body):
            said = found["said"].strip(" “”‘’\"',")
            return said[0].upper() + said[1:] + "."
    return None


def past(verb: str) -> str:
    """The past tense of a verb."""
    if verb in _PAST:
        return _PAST[verb] or verb
    if verb.endswith("e"):
        return verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    return verb + verb[-1] + "ed" if _DOUBLED.search(verb) else verb + "ed"


def _base(verb: str) -> str:
    return verb[:-2] if verb.endswith(("sses", "ches", "shes")) else verb[:-1]


def _present(past_form: str) -> str:
    """planted -> plant, provided -> provide, occurred -> occur."""
    if past_form in _TENSE:
        return _TENSE[past_form]
    if past_form.endswith("ied"):
        return past_form[:-3] + "y"
    stem = past_form[:-2]
    if stem[-1] == stem[-2] and stem[-1] not in "sl":
        return stem[:-1]
    return stem + "e" if _SILENT_E.search(stem) else stem


def _happened(verb: str, before: str) -> str:
    if verb == "be":
        return "were" if _is_plural(before) else "was"
    return past(verb)


def _is_plural(before: str) -> bool:
    """Whether what stands before a verb looks like more than one thing."""
    words = before.split()
    last = words[-1].strip(",;()") if words else ""
    name = re.search(r"(?:United States|ss|us|is|U\.S\.|US)$", " ".join(words[-2:]).strip(","))
    return last.lower() in ("they", "we", "you", "i") or (last.endswith("s") and not name)


def _to(text: str, match: re.Match[str]) -> str:
    return text[: match.start()]


def _with(text: str, match: re.Match[str], words: str) -> str:
    return text[: match.start()] + words + text[match.end() :]
