"""What of a statement its evidence does not say, and what stands there instead.

The findings are the verifier's doubts and the further signals, the gravest first. For a number or a
name the document's own is looked for: one of the same kind that the statement lacks.
"""

from collections.abc import Iterator, Mapping

from assistant import claim_words as cw
from assistant.check_binding import elsewhere, likeliest
from assistant.check_evidence import Evidence
from assistant.check_signals import rivals
from assistant.check_types import Difference
from assistant.claim_pair import PAIRED, Pair
from assistant.claim_signals import SIGNALS
from assistant.types import Code
from assistant.verify import CLEAR, VETO, Model
from index.number_match import same
from index.numbers import find

MOST = 3  # findings that a reader is told of
# Further signals that say what differs, and what they say.
FURTHER: Mapping[str, Code] = {
    "past_of_forecast": "stance",
    "past_of_recommendation": "stance",
    "fact_of_recommendation": "stance",
    "fact_of_forecast": "stance",
    "denied_more_bare": "polarity",
    "denied_fewer_bare": "polarity",
    "fact_of_attributed": "attribution",
}


def differences(statement: str, evidence: Evidence, model: Model) -> tuple[Difference, ...]:
    """The findings; at least one where anything at all is lacking."""
    pulls = {
        name: model.weights[name] * evidence.signals[name] - 5 * (name in VETO)
        for name in SIGNALS
        if evidence.signals[name] and name in evidence.pieces
    }
    found: dict[Code, Difference] = {}
    for name in sorted(pulls, key=lambda name: pulls[name]):
        code = SIGNALS[name]
        if code not in found and pulls[name] < CLEAR:
            piece = evidence.pieces[name]
            instead = _instead(code, piece, evidence.pair)
            if code == "name" and not instead and found:
                continue  # what a sentence before may have named
            found[code] = Difference(code, piece, instead)
    for further in _further(statement, evidence):
        found.setdefault(further.code, further)
    if not found and (lost := _lost(evidence.pair)):
        found["content"] = Difference("content", lost)
    ordered = sorted(found.values(), key=lambda one: one.code == "content")
    return tuple(ordered[:MOST])


def _further(statement: str, evidence: Evidence) -> Iterator[Difference]:
    """What the further signals say differs."""
    if evidence.signals["number_bound"] and (taken := elsewhere(evidence.pair)):
        yield Difference("number", taken.text, likeliest(evidence.pair, taken))
    for place, _ in rivals(evidence.pair)[:1]:
        yield Difference("direction", evidence.pair.word(place))
    for name, code in FURTHER.items():
        if evidence.signals[name]:
            yield Difference(code, statement)


def _instead(code: Code, piece: str, pair: Pair) -> str:
    if code == "number":
        return _number(piece, pair)
    return _name(pair) if code == "name" else ""


def _number(piece: str, pair: Pair) -> str:
    """The document's number of the same kind that the statement does not have."""
    asked = find(piece)
    if asked:
        stated = [q for q in pair.claim.quantities if q.text == asked[0].text] or asked
        if instead := likeliest(pair, stated[0]):
            return instead
    kinds = {q.kind for q in asked}
    mine = pair.claim.quantities
    for text in pair.own:
        spare = [q for q in text.quantities if not any(same(q, other) for other in mine)]
        alike = [q for q in spare if q.kind in kinds and (not asked or q.unit == asked[0].unit)]
        for quantity in alike or [q for q in spare if q.kind in kinds]:
            return quantity.text
    return ""


def _name(pair: Pair) -> str:
    """The first name of the nearest passage that the statement does not have."""
    text = pair.own[0]
    for j, token in enumerate(text.tokens):
        if cw.is_name(text, j) and pair.answered(0, j) < PAIRED:
            return text.text[token.char_start : token.char_end]
    return ""


def _lost(pair: Pair) -> str:
    """The word of the statement that is held least."""
    lack = pair.lack
    return pair.word(int(lack.argmax())) if len(lack) and lack.max() > 0 else ""
