"""What a run is held against: the scores of every question of an earlier one, in a file.

It holds no texts, and scores rounded to PLACES; a run is rounded likewise before it is held against
it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import InputError
from eval.catalogue import MEASURES
from eval.gate_verdict import count, named
from eval.lines import first_fault
from eval.runs import Row, Run, read_run, write_whole

PLACES = 4
CONTRACT = tuple(measure.name for measure in MEASURES if measure.contract)
STATISTICAL = (
    "evidence",
    "vital",
    "nuggets",
    "language",
    "refused",
    "wrongly_refused",
    "follow_up",
    "agreement",
    "stance",
    "conciseness",
    "recall_10",
    "rr_10",
)
GATED = (*CONTRACT, *STATISTICAL)

Scores = Mapping[str, float | None]


class _Set(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    half: str | None


class Baseline(BaseModel):
    """What a run is held against: of which set, made by what, and the scores by question.

    None in the place of a question's scores: no answer came.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    set: _Set
    engine: str
    commit: str | None
    date: str | None
    questions: dict[str, dict[str, float | None] | None]


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file, or the one that the run in a folder makes; InputError for neither."""
    if path.is_dir():
        return baseline_of(read_run(path))
    try:
        return Baseline.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"No baseline at {path}. Write one with: citebrief eval gate RUN --renew {path}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The baseline {path} cannot be read ({error}).") from error
    except ValidationError as error:
        fault = first_fault(error, "the file")
        raise InputError(
            f"The baseline {path}: {fault}. Write it anew with: "
            f"citebrief eval gate RUN --renew {path}"
        ) from error


def write_baseline(run: Run, path: Path) -> None:
    """Write the run's scores as the baseline, a line a question; InputError if any has none."""
    baseline = baseline_of(run)
    if silent := [name for name, scores in baseline.questions.items() if scores is None]:
        raise InputError(
            f"{run.folder} makes no baseline: {count(len(silent))} got no answer or "
            f"no scores{named(silent, 0)}. Mend that and run it again."
        )
    head = baseline.model_dump(exclude={"questions"})
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    questions = (
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(scores)}"
        for name, scores in baseline.questions.items()
    )
    lines.append('"questions": {\n  ' + ",\n  ".join(questions) + "\n }")
    write_whole(path, "{\n " + ",\n ".join(lines) + "\n}\n")


def baseline_of(run: Run) -> Baseline:
    """What a run would be as a baseline."""
    made_of, git = run.manifest["set"], run.manifest.get("git") or {}
    return Baseline(
        set=_Set(name=made_of["name"], sha256=made_of["sha256"], half=made_of.get("half")),
        engine=run.manifest["engine"],
        commit=git.get("commit"),
        date=run.manifest.get("finished") or run.manifest.get("started"),
        questions={row.id: _scores(row) for row in run.rows},
    )


def _scores(row: Row) -> dict[str, float | None] | None:
    if row.answer is None or not row.scores:
        return None
    return {
        name: None if (value := row.scores[name]) is None else round(value, PLACES)
        for name in GATED
        if name in row.scores
    }
