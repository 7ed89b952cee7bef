"""What stands in for the gate's check: what it lets through, remembers, and tells."""

from fakes import DOCUMENT, FIRST, SECOND, passage

from assistant.gate import Gate
from eval.stand_ins import remembering, unchecked, watched


def test_without_checks_only_what_cites_nothing_is_stopped():
    assert unchecked("무엇이든.", [passage(SECOND), passage(SECOND)], "ko", ()).passed
    (fault,) = unchecked("무엇이든.", [], "ko", ()).checks
    assert fault.code == "marker"


def test_a_sentence_is_checked_once_that_is_written_twice(verifier):
    seen = []
    gate = Gate({"brief": DOCUMENT}, verifier)
    check = remembering(watched(gate.check, lambda *found: seen.append(found)))
    first, again, other = (check(FIRST, [passage(p)], None, ()) for p in (FIRST, FIRST, SECOND))
    assert (first.passed, again, other.passed) == (True, first, False)
    assert seen == [(first, None), (other, None)]


def test_another_language_or_context_is_another_question():
    seen = []
    check = remembering(watched(unchecked, lambda found, lang: seen.append(lang)))
    for lang, context in (("ko", ()), (None, ()), ("ko", (passage(FIRST),)), ("ko", ())):
        check(FIRST, [passage(SECOND)], lang, context)
    assert seen == ["ko", None, "ko"]
