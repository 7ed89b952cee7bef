"""The folder of a run: written as rows come, gone on with after a stop, refused when it differs."""

import json
from pathlib import Path
from typing import Any

import pytest
from fakes import ANSWERS, FIRST, FakeEngine, answered, contains

from assistant.errors import InputError
from eval.run import Asking, run
from eval.runs import FORMAT, MANIFEST, ROWS, Row, Writer, read_rows, read_run
from eval.samples import Sample

PLAN: dict[str, Any] = {"format": FORMAT, "set": {"name": "s", "questions": 7}, "engine": "fake"}
SOUND = {**ANSWERS, "crash": answered(FIRST)}


def row(id: str, **changes: Any) -> Row:
    given = {"lang": "ko", "kind": "number", "document": "brief", "question": "왜?"}
    return Row.model_validate({"id": id, **given, **changes})


def plain(row: Row) -> dict[str, Any]:
    """A row as it is written, but for the time that it took."""
    return json.loads(
        row.model_copy(update={"scores": {**row.scores, "latency_ms": None}}).model_dump_json()
    )


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(x) for x in (folder / ROWS).read_text(encoding="utf-8").splitlines()]


def ask(engine: FakeEngine, samples: tuple[Sample, ...], folder: Path, **more: Any) -> Any:
    asking = Asking.of(engine, samples, contains)
    return run(asking, samples, writer=Writer(folder, PLAN), **more)


def test_a_row_is_on_disk_as_soon_as_it_is_scored(
    samples: tuple[Sample, ...], tmp_path: Path
) -> None:
    seen: list[int] = []
    ask(FakeEngine(SOUND), samples, tmp_path, asked=lambda: seen.append(len(lines_of(tmp_path))))
    assert seen == [1, 2, 3, 4, 5, 6, 7]


def test_a_run_that_was_stopped_goes_on_and_asks_only_the_rest(
    samples: tuple[Sample, ...], tmp_path: Path
) -> None:
    done: list[int] = []

    def stop_after_three() -> None:
        done.append(1)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(FakeEngine(SOUND), samples, tmp_path, asked=stop_after_three)
    kept = {x["id"] for x in lines_of(tmp_path)}
    assert len(kept) == 3
    engine, ticks = FakeEngine(SOUND), []
    rows = ask(engine, samples, tmp_path, asked=lambda: ticks.append(1))
    assert {id for _, _, id in engine.asked} == {s.id for s in samples} - kept
    assert len(ticks) == len(samples)
    assert [r.id for r in rows] == [s.id for s in samples] == [x["id"] for x in lines_of(tmp_path)]
    assert rows[0].scores["agreement"] == 0.5  # with a row from before the stop


def test_a_run_whose_engine_is_interrupted_goes_on_where_it_stopped(
    samples: tuple[Sample, ...], tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        ask(FakeEngine({**SOUND, "crash": KeyboardInterrupt()}), samples, tmp_path)
    kept = {x["id"] for x in lines_of(tmp_path)}
    assert "crash" not in kept
    engine = FakeEngine(SOUND)
    ask(engine, samples, tmp_path)
    assert {id for _, _, id in engine.asked} == {s.id for s in samples} - kept
    assert len(read_run(tmp_path).rows) == 7


def test_a_finished_run_is_asked_nothing_more(samples: tuple[Sample, ...], tmp_path: Path) -> None:
    first = ask(FakeEngine(SOUND), samples, tmp_path)
    engine = FakeEngine(SOUND)
    assert [*map(plain, ask(engine, samples, tmp_path))] == [*map(plain, first)]
    assert engine.asked == []


def test_a_run_in_parts_is_the_same_as_one_in_one_go(
    samples: tuple[Sample, ...], tmp_path: Path
) -> None:
    whole = ask(FakeEngine(SOUND), samples, tmp_path / "whole")
    text = (tmp_path / "whole" / ROWS).read_text(encoding="utf-8")
    parts = tmp_path / "parts"
    Writer(parts, PLAN)
    (parts / ROWS).write_text("".join(text.splitlines(keepends=True)[::2]), encoding="utf-8")
    again = ask(FakeEngine(SOUND), samples, parts)
    assert [*map(plain, again)] == [*map(plain, whole)]


@pytest.mark.parametrize("cut", [1, 2, 3, 20])
def test_a_last_line_that_was_cut_short_is_dropped(tmp_path: Path, cut: int) -> None:
    writer = Writer(tmp_path, PLAN)
    writer.append(row("a"))
    writer.append(row("b", note="가"))
    whole = (tmp_path / ROWS).read_bytes()
    at = whole.rindex("가".encode()) + cut  # inside the letter, too
    (tmp_path / ROWS).write_bytes(whole[:at])
    assert [r.id for r in read_rows(tmp_path)] == ["a"]
    again = Writer(tmp_path, PLAN)
    assert list(again.done) == ["a"]
    again.append(row("b"))
    assert [r.id for r in read_rows(tmp_path)] == ["a", "b"]


def test_a_line_that_is_no_row_is_refused_with_its_number(tmp_path: Path) -> None:
    writer = Writer(tmp_path, PLAN)
    writer.append(row("a"))
    with (tmp_path / ROWS).open("a", encoding="utf-8") as file:
        file.write('{"id": "b", "lang": "fr"}\n')
    with pytest.raises(InputError, match=r"rows\.jsonl line 2: lang"):
        read_rows(tmp_path)
    (tmp_path / ROWS).write_bytes(b"\xff\n")
    with pytest.raises(InputError, match="line 1"):
        read_rows(tmp_path)


def test_a_run_of_anything_else_is_refused_with_what_changed(tmp_path: Path) -> None:
    Writer(tmp_path, {**PLAN, "settings": {"embedder": None}, "git": None}).append(row("a"))
    other = {**PLAN, "engine": "dense", "settings": {"embedder": "x"}, "git": None}
    with pytest.raises(InputError, match="another engine, settings. Name another folder"):
        Writer(tmp_path, other)
    assert [r.id for r in read_rows(tmp_path)] == ["a"]  # what was there stays


def test_time_machine_and_jobs_may_differ_when_a_run_goes_on(tmp_path: Path) -> None:
    Writer(tmp_path, {**PLAN, "started": "one", "machine": "a", "jobs": 1}).append(row("a"))
    again = Writer(tmp_path, {**PLAN, "started": "two", "machine": "b", "jobs": 4})
    assert list(again.done) == ["a"]
    assert json.loads((tmp_path / MANIFEST).read_text("utf-8"))["started"] == "one"


def test_finishing_puts_rows_in_order_and_the_time_into_the_manifest(tmp_path: Path) -> None:
    writer = Writer(tmp_path, {**PLAN, "set": {"questions": 2}})
    rows = [row("b"), row("a", scores={"evidence": 1 / 3, "vital": None})]
    for one in rows:
        writer.append(one)
    writer.finish(rows[::-1])
    found = read_run(tmp_path)
    assert found.rows == (rows[1], rows[0])  # nothing is rounded, and unscored stays None
    assert found.manifest["finished"].endswith("+00:00")
    assert found.name == tmp_path.name
    assert not list(tmp_path.glob("*.part"))


def test_what_is_no_run_is_refused_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="citebrief eval run --out"):
        read_run(tmp_path)
    (tmp_path / MANIFEST).write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(InputError, match="another version"):
        read_run(tmp_path)
    (tmp_path / MANIFEST).write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="another version"):
        read_run(tmp_path)
    (tmp_path / MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="delete the folder"):
        Writer(tmp_path, PLAN)


def test_a_run_without_rows_or_with_too_few_is_unfinished(tmp_path: Path) -> None:
    writer = Writer(tmp_path, PLAN)
    with pytest.raises(InputError, match="holds no rows"):
        read_run(tmp_path)
    writer.append(row("a"))
    with pytest.raises(InputError, match="unfinished: 1 of 7 questions"):
        read_run(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        Writer(tmp_path / "file", PLAN)
