"""The scripted model: what it answers to each prompt, and the engines that measure the gate."""

import pytest

import prompts
from assistant.answer import Assistant
from eval import engines, gated
from eval.gated import by_kind, kinds_table, whole_table
from eval.mutate import mutate
from eval.samples import Sample
from eval.scripted import ScriptedModel, choose, reworded
from eval.scripted_engine import Scripted, Tally
from eval.stand_ins import unchecked
from index.build import open_index

PORT = {
    "ko": "부산항은 2030년까지 3조 원을 들여 확장된다.",
    "en": "Busan Port will be expanded by 2030 at a cost of 3 trillion won.",
}
ASKED = {"ko": "부산항은 언제까지 확장되나?", "en": "When will Busan Port be expanded?"}
FISHERS = "어민들은 보상을 요구한다."


@pytest.fixture
def assistant(small_library, tmp_path, fake_embedder, tiny_lexicon):
    index = open_index(small_library, tmp_path / "index", fake_embedder, **tiny_lexicon)
    return Assistant(index)


def sample(lang):
    return Sample(
        id=lang,
        document="harbour",
        lang=lang,
        kind="date",
        question=ASKED[lang],
        history=(),
        evidence=(("s001",),),
        quotes=(),
        nuggets=(),
        half="dev",
        note="",
    )


def answer_prompt(question, *passages, lang="ko"):
    told = prompts.load_chat("answer", lang, frozenset({"passages", "question"}))
    shown = [prompts.fence(str(n), text, inline=True) for n, text in enumerate(passages, start=1)]
    return told.user.substitute(passages="\n".join(shown), question=prompts.fence("q", question))


def reply(model, prompt):
    return model.invoke([("system", "…"), ("user", prompt)]).text


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_writes_from_the_passage_that_shares_words_with_the_question(lang):
    model = ScriptedModel()
    other = {"ko": FISHERS, "en": "The fishers demand compensation."}[lang]
    assert reply(model, answer_prompt(ASKED[lang], other, PORT[lang], lang=lang)) == (
        f"{PORT[lang]} [2]"
    )
    assert [w.wrong for w in model.written] == [False]


def test_it_abstains_where_no_passage_shares_a_word_or_is_in_the_language():
    assert reply(ScriptedModel(), answer_prompt(ASKED["ko"], FISHERS)) == "[0]"
    assert reply(ScriptedModel(), answer_prompt(ASKED["en"], PORT["ko"], lang="en")) == "[0]"


def test_a_mistake_is_made_in_each_sentence_that_gives_the_occasion():
    model = ScriptedModel(mutation="number")
    calm = "부산항은 정부가 확장한다."
    lines = reply(model, answer_prompt("부산항은 확장되나?", PORT["ko"], calm)).splitlines()
    assert set(lines) == {"부산항은 2030년까지 4조 원을 들여 확장된다. [1]", f"{calm} [2]"}
    assert {w.text: w.wrong for w in model.written} == {
        mutate("number", PORT["ko"], "ko"): True,
        calm: False,
    }


def test_a_wrong_citation_is_that_of_another_passage():
    model = ScriptedModel(mutation="wrong_citation")
    assert reply(model, answer_prompt(ASKED["ko"], PORT["ko"], FISHERS)) == f"{PORT['ko']} [2]"
    assert [w.wrong for w in model.written] == [True]
    alone = ScriptedModel(mutation="wrong_citation")
    assert reply(alone, answer_prompt(ASKED["ko"], PORT["ko"])) == f"{PORT['ko']} [1]"
    assert [w.wrong for w in alone.written] == [False]


def test_asked_to_mend_a_sentence_it_writes_the_same_one_again():
    model = ScriptedModel(mutation="number")
    first = reply(model, answer_prompt(ASKED["ko"], PORT["ko"], FISHERS))
    told = prompts.load_chat("repair", "ko", frozenset({"passages", "sentence", "found"}))
    again = told.user.substitute(
        passages=prompts.fence("1", PORT["ko"], inline=True),
        sentence=prompts.fence("d", model.written[0].text),
        found="구절에 없는 수나 날짜가 있음",
    )
    assert reply(model, again) == first
    assert len(model.written) == 1


def test_condensing_and_planning_give_the_question_back():
    fenced = prompts.fence("q", "그 비용은?", inline=True)
    plan = prompts.load_chat("plan", "ko", frozenset({"question"})).user.substitute(question=fenced)
    condense = prompts.load_chat("condense", "ko", frozenset({"earlier", "question"}))
    earlier = prompts.fence("e", ASKED["ko"], inline=True)
    assert reply(ScriptedModel(), plan) == "그 비용은?"
    asked = condense.user.substitute(earlier=earlier, question=fenced)
    assert reply(ScriptedModel(), asked) == "그 비용은?"


@pytest.mark.parametrize(
    ("text", "lang", "said"),
    [
        ("그러나 항만이 확장되었다.", "ko", "항만이 확장됐다."),
        ("물량이 늘어날 것으로 예상된다.", "ko", "물량이 늘어날 것으로 전망된다."),
        ("However, the port (in Busan) grew.", "en", "The port grew."),
        ("어민들은 보상을 요구한다.", "ko", "어민들은 보상을 요구한다."),
    ],
)
def test_a_sentence_is_lightly_reworded(text, lang, said):
    assert reworded(text, lang) == said


def test_a_passage_that_shares_much_less_than_the_best_is_not_used():
    shown = [(1, "항만은 크다."), (2, "부산항 확장 비용은 3조 원이다."), (3, "부산항은 넓다.")]
    assert [n for n, _ in choose("부산항 확장 비용은 얼마인가?", shown)] == [2]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_gate_stops_a_mistake_that_is_shown_without_it(assistant, lang):
    closed = Scripted(assistant, "number")
    answer = closed.ask(ASKED[lang], id="q")
    assert (answer.id, answer.engine, answer.answer) == ("q", "extractive", f"{PORT[lang]} [1]")
    assert closed.tally_of(lang) == Tally(mutated=1)

    ungated = Scripted(assistant, "number", unchecked)
    answer = ungated.ask(ASKED[lang])
    assert answer.engine == "llm:scripted"
    assert answer.sentences[0].text == mutate("number", PORT[lang], lang)
    assert answer.sentences[0].verdict == "verified"
    assert ungated.tally_of(lang) == Tally(mutated=1, mutated_shown=1)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_faithful_answer_passes_the_gate(assistant, lang):
    engine = Scripted(assistant)
    answer = engine.ask(ASKED[lang])
    assert (answer.engine, answer.answer) == ("llm:scripted", f"{PORT[lang]} [1]")
    assert engine.tally_of(lang) == Tally(right=1, right_shown=1)
    assert assistant.writer is None  # the assistant that it is made of is left alone
    assert engine.retrieve(ASKED[lang], limit=1) == assistant.retrieve(ASKED[lang], limit=1)


def test_tallies_add_up():
    assert Tally(1, 1, 2, 2) + Tally(1, 0, 3, 2) == Tally(2, 1, 5, 4)


def test_the_engines_are_opened_by_name(assistant, monkeypatch):
    from assistant.settings import Settings

    monkeypatch.setattr(Assistant, "open", lambda settings, progress: assistant)
    shown = {}
    for name in ("scripted", "scripted-number", "scripted-number-ungated"):
        engine = engines.open_engine(name, Settings())
        engine.ask(ASKED["ko"])
        shown[name] = engine.tally_of("ko")
    assert shown == {
        "scripted": Tally(right=1, right_shown=1),
        "scripted-number": Tally(mutated=1),
        "scripted-number-ungated": Tally(mutated=1, mutated_shown=1),
    }
    assert len(engines.SCRIPTED) == 14


def test_the_tables_hold_a_row_per_kind_and_language_and_per_engine(assistant):
    asked = []
    samples = (sample("ko"), sample("en"))
    found = by_kind(assistant, samples, ["number", "date"], lambda: asked.append(1))
    assert len(asked) == 8
    assert [one.gated["ko"] for one in found] == [Tally(mutated=1)] * 2
    assert [one.ungated["en"] for one in found] == [Tally(mutated=1, mutated_shown=1)] * 2
    assert kinds_table(found).row_count == 6
    whole = gated.as_a_whole(assistant, samples)
    assert [one.name for one in whole] == list(gated.ENGINES)
    assert whole[1].summary.of("ko").means["evidence"].value == 1.0
    assert whole_table(whole).row_count == 6
