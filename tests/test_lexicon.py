"""The glossary and the thesaurus: what they match, and what a broken entry says."""

import pytest

from index.errors import InputError
from index.lexicon import (
    GLOSSARY,
    THESAURUS,
    Lexicon,
    Match,
    compile_lexicon,
    is_glossary,
    lexicon_hash,
)


def written(tmp_path, glossary="[]", thesaurus="[]"):
    files = (tmp_path / "glossary.yaml", tmp_path / "thesaurus.yaml")
    for path, content in zip(files, (glossary, thesaurus), strict=True):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return files


def test_names_of_both_languages_and_aliases_name_one_concept(tiny_lexicon):
    lexicon = compile_lexicon(**tiny_lexicon)
    concepts = {c for phrase, found in lexicon.phrases.items() for c in found if c[:2] == "#g"}
    assert concepts == {"#g1"}
    assert lexicon.types == {"#g1": "place"}
    assert [c for c in lexicon.phrases[("확장",)]] == ["#t1"]


def test_overlapping_phrases_are_all_found():
    lexicon = Lexicon({("방위비",): ["#t1"], ("방위비", "분담금"): ["#g1", "#g2"]})
    assert list(lexicon.matches(["인상", "방위비", "분담금"])) == [
        Match(1, 2, "#t1"),
        Match(1, 3, "#g1"),
        Match(1, 3, "#g2"),
    ]
    assert list(lexicon.matches([])) == []


def test_a_compiled_lexicon_survives_storing():
    lexicon = Lexicon({("a", "b"): ("#g1",)}, ["가자"], {"#g1": "place"})
    read = Lexicon.from_json(lexicon.to_json())
    assert (read.phrases, read.names, read.types) == (lexicon.phrases, ("가자",), {"#g1": "place"})


def test_glossary_concepts_are_told_from_general_words():
    assert is_glossary("#g12")
    assert not is_glossary("#t12")


@pytest.mark.parametrize(
    ("glossary", "words"),
    [
        ("- {ko: 미국, en: US}\n- {ko: 한국}\n", ["entry 2.en", "required"]),
        ("- {ko: 미국, en: US, kind: country}\n", ["entry 1.kind", "country"]),
        ("- {ko: 미국, en: US, type: planet}\n", ["entry 1.type", "planet"]),
        ("- {ko: 미국, en: US, ko_aliases: 미합중국}\n", ["entry 1.ko_aliases", "미합중국"]),
        ("- {ko: 미국, en: no}\n", ["entry 1.en", "string"]),
        ("ko: 미국\n", ["list of entries"]),
        ("- {ko: [\n", ["not valid YAML"]),
        (b"- {ko: \xff}", ["not UTF-8"]),
    ],
)
def test_a_broken_glossary_is_an_error_that_names_file_and_entry(tmp_path, glossary, words):
    files = written(tmp_path, glossary=glossary)
    with pytest.raises(InputError) as error:
        compile_lexicon(*files)
    for word in [str(files[0]), *words]:
        assert word in str(error.value)


def test_a_broken_thesaurus_is_an_error_that_names_file_and_entry(tmp_path):
    files = written(tmp_path, thesaurus="- {ko: [늘다], en: [grow]}\n- {ko: [줄다]}\n")
    with pytest.raises(InputError, match=r"thesaurus\.yaml: entry 2\.en"):
        compile_lexicon(*files)


def test_a_missing_glossary_is_an_error_that_names_it(tmp_path):
    with pytest.raises(InputError, match=r"gone\.yaml cannot be read"):
        lexicon_hash(tmp_path / "gone.yaml", THESAURUS)


def test_empty_files_are_an_empty_lexicon(tmp_path):
    assert compile_lexicon(*written(tmp_path, "", "# nothing\n")).phrases == {}


def test_the_hash_changes_with_either_file(tmp_path):
    first = lexicon_hash(*written(tmp_path))
    assert lexicon_hash(*written(tmp_path, glossary="- {ko: 가, en: a}")) != first
    assert lexicon_hash(*written(tmp_path, thesaurus="- {ko: [가], en: [a]}")) != first
    assert lexicon_hash(*written(tmp_path)) == first


def test_the_shipped_lexicon_brings_both_languages_together(brief_index):
    analyzer = brief_index.analyzer

    def concepts(text):
        words = [token.term for token in analyzer.morphology.tokens(text)]
        return {m.concept for m in analyzer.lexicon.matches(words) if is_glossary(m.concept)}

    for korean, english in [
        ("방위비분담금을", "cost-sharing contribution"),
        ("주한미군", "US Forces Korea"),
        ("미국 우선주의", "America First"),
        ("확장억제", "extended deterrence"),
        ("핵협의그룹", "NCG"),
    ]:
        assert concepts(korean) & concepts(english), (korean, english)
    assert GLOSSARY.is_file()
