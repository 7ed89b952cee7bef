"""Gates in the place of the assistant's: what they let through, remember, and tell."""

from fakes import DOCUMENT, FIRST, SECOND, passage

from assistant.verify import Gate
from eval.gates import open_gate, remembering, watched


def test_an_open_gate_stops_only_what_cites_nothing():
    assert open_gate().check("무엇이든.", [passage(SECOND), passage(SECOND)]).passed
    (fault,) = open_gate().check("무엇이든.", []).checks
    assert fault.code == "marker"


def test_a_gate_is_asked_once_for_what_is_asked_twice():
    asked = []
    gate = remembering(watched(Gate({"brief": DOCUMENT}), lambda *seen: asked.append(seen)))
    first, again, other = (gate.check(FIRST, [passage(p)]) for p in (FIRST, FIRST, SECOND))
    assert (first.passed, again, other.passed) == (True, first, False)
    assert [(one.text, checked) for one, checked in asked] == [(FIRST, first), (FIRST, other)]


def test_another_language_or_context_is_another_question():
    asked = []
    gate = remembering(watched(open_gate(), lambda one, _: asked.append((one.lang, one.context))))
    for lang, context in (("ko", ()), (None, ()), ("ko", (passage(FIRST),)), ("ko", ())):
        gate.check(FIRST, [passage(SECOND)], lang, context)
    assert asked == [("ko", ()), (None, ()), ("ko", (passage(FIRST),))]
