"""What the user names is found once, in order, and never opened before its time."""

import os
import socket
import sys
import unicodedata
from pathlib import Path

import pytest

from index.sources import SourceFile, find_files, shown

linux_names = pytest.mark.skipif(sys.platform == "darwin", reason="the file system refuses them")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(folder: Path, *names: str, text: str = "글") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def files(*paths: str) -> list[str]:
    return [str(file.path) for file in find_files(paths).files]


def reasons(*paths: str) -> dict[str, str]:
    return {str(one.path): one.code for one in find_files(paths).skipped}


def test_a_folder_gives_all_files_below_it_in_one_order(here):
    make(here, "b.txt", "a/z.pdf", "a/y.HWPX", "a/b/x.docx", "README.md", "나.md", "가.html")
    expected = ["README.md", "a/b/x.docx", "a/y.HWPX", "a/z.pdf", "b.txt", "가.html", "나.md"]
    assert files(".") == expected
    assert files("나.md", "b.txt", ".") == expected


def test_hidden_files_are_left_out_and_unknown_ones_counted(here):
    make(here, "a.txt", ".b.txt", ".git/c.txt", "d.xyz", "noname", "e.jsonl")
    assert files(".") == ["a.txt"]
    assert reasons(".") == {"d.xyz": "format", "noname": "format"}


def test_a_named_file_is_tried_whatever_it_is_called(here):
    make(here, "d.xyz", ".hidden")
    assert files("d.xyz", ".hidden") == [".hidden", "d.xyz"]


def test_patterns_find_files_at_any_depth_and_not_the_hidden(here):
    make(here, "a.txt", "x/b.txt", "x/y/c.txt", "x/.d.txt", "x/e.md", "x/f.xyz")
    assert files("*.txt") == ["a.txt"]
    assert files("**/*.txt") == ["a.txt", "x/b.txt", "x/y/c.txt"]
    assert files("x/**") == ["x/b.txt", "x/e.md", "x/y/c.txt"]
    assert files("x/[be].*") == ["x/b.txt", "x/e.md"]
    assert files("*") == ["a.txt", "x/b.txt", "x/e.md", "x/y/c.txt"]
    assert files("**/*.xyz") == ["x/f.xyz"]


def test_an_existing_path_is_itself_whatever_signs_are_in_its_name(here):
    make(here, "a[1].txt", "a1.txt", "보고*.txt", "보고서.txt")
    assert files("a[1].txt") == ["a[1].txt"]
    assert files("보고*.txt") == ["보고*.txt"]


@pytest.mark.parametrize("named", ["none.txt", "no/*.txt", "none/", "", " ", "a\0b", "x" * 5_000])
def test_what_does_not_exist_is_skipped_as_missing(named, here):
    found = find_files([named])
    assert found.files == ()
    assert [one.code for one in found.skipped] in (["missing"], ["unreadable"])
    assert "\0" not in found.skipped[0].message


def test_the_same_file_counts_once_however_it_is_reached(here):
    make(here, "a.txt")
    os.link("a.txt", "b.txt")
    os.symlink("a.txt", "c.txt")
    assert files(".", "a.txt", str(here / "a.txt"), "./a.txt", "*.txt") == [str(here / "a.txt")]


def test_links_that_lead_out_are_skipped_and_loops_end(tmp_path, monkeypatch):
    make(tmp_path, "outside/secret.txt", "inside/a.txt")
    inside = tmp_path / "inside"
    monkeypatch.chdir(inside)
    os.symlink("../outside/secret.txt", "out.txt")
    os.symlink("../outside", "folder")
    os.symlink(".", "loop")
    os.symlink("itself.txt", "itself.txt")
    os.symlink("nowhere.txt", "dangling.txt")
    os.symlink("a.txt", "good.txt")
    assert files(".") == ["a.txt"]
    assert reasons(".") == dict.fromkeys(
        ["out.txt", "folder", "itself.txt", "dangling.txt"], "link"
    )
    assert files("out.txt") == ["out.txt"]  # who names a link means what it leads to


def test_pipes_sockets_and_devices_are_never_opened(here):
    os.mkfifo("pipe.txt")
    bound = socket.socket(socket.AF_UNIX)
    bound.bind("socket.txt")
    bound.close()
    make(here, "a.txt")
    assert files(".") == ["a.txt"]
    assert reasons(".", "/dev/zero") == {
        "/dev/zero": "special",
        "pipe.txt": "special",
        "socket.txt": "special",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_skipped(here):
    make(here, "a.txt", "closed/b.txt", "ok.txt")
    os.chmod("a.txt", 0)
    os.chmod("closed", 0)
    try:
        assert files(".") == ["ok.txt"]
        assert reasons(".") == {"a.txt": "unreadable", "closed": "unreadable"}
    finally:
        os.chmod("closed", 0o700)


@linux_names
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("보고\n서.txt", "보고\\n서.txt"),
        ("\u202etxt.exe.txt", "\\u202etxt.exe.txt"),
        ("a\x1b[31mb.txt", "a\\x1b[31mb.txt"),
        ("a\u200bb\u2066.txt", "a\\u200bb\\u2066.txt"),
        ("\udcb0\udca1.txt", "\\xb0\\xa1.txt"),
        ("줄\u2028바꿈\x85.txt", "줄\\u2028바꿈\\x85.txt"),
        ("한 글 (최종).txt", "한 글 (최종).txt"),
        ("🚢.txt", "🚢.txt"),
    ],
)
def test_strange_names_are_found_and_shown_on_one_line(name, expected, here):
    make(here, name)
    assert files(".") == [name]
    assert files(name) == [name]
    assert shown(Path(name)) == expected
    assert shown(Path(name)).encode()  # can be printed


def test_a_decomposed_name_is_shown_composed_and_a_long_one_cut():
    assert shown(unicodedata.normalize("NFD", "보고서.txt")) == "보고서.txt"
    assert len(shown("가" * 4_000)) < 200


def test_a_sidecar_goes_with_the_file_that_it_names(here):
    name = unicodedata.normalize("NFD", "보고서.txt")
    make(here, name, "b.md", "ko.jsonl", "more.jsonl")
    make(here, "보고서.yaml", text="file: 보고서.txt\nedition: ko.jsonl\ntitle: {ko: 보고서}\n")
    expected = (SourceFile(Path("b.md")), SourceFile(Path(name), Path("보고서.yaml")))
    assert find_files(["."]).files == expected
    assert find_files([name]).files == expected[1:]
    assert find_files(["."]).skipped == ()


def test_a_broken_sidecar_is_skipped_with_the_reason_and_its_file_stays(here):
    make(here, "a.txt", "b.txt")
    make(here, "a.yaml", text="file: a.txt\ntitel: {ko: 보고서}\n")
    make(here, "deep.yaml", text="[" * 5_000)
    make(here, "one.yaml", "two.yaml", text="file: b.txt\n")
    found = find_files(["."])
    assert [(str(f.path), f.sidecar) for f in found.files] == [
        ("a.txt", None),
        ("b.txt", Path("one.yaml")),
    ]
    assert {str(s.path): s.code for s in found.skipped} == dict.fromkeys(
        ["a.yaml", "deep.yaml", "two.yaml"], "sidecar"
    )
    assert "titel" in found.skipped[0].message
    assert all("\n" not in one.message for one in found.skipped)


def test_settings_of_others_beside_a_named_file_are_no_business_of_ours(here):
    make(here, "a.txt")
    make(here, "compose.yaml", text="services: {}\n")
    assert find_files(["a.txt"]).skipped == ()
    assert reasons(".") == {"compose.yaml": "sidecar"}


def test_nothing_named_is_nothing_found(here):
    assert find_files([]) == find_files(())
    assert files(".") == []
