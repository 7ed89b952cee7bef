"""Files for engines to make ready, and the results in a form that can be compared."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from index.job import Job, Ready, Workshop
from index.lexicon import Lexicon

TEXTS = {
    "ko": "# 보고서 {n}\n\n제{n}차 보고서이다. 부산항은 {n}년 안에 확장된다. {n}조 원이 든다.\n",
    "en": "# Report {n}\n\nThis is report {n}. The port grows within {n} years. It costs ${n}.\n",
}


def workshop() -> Workshop:
    """A workshop with the shipped embedder and a lexicon without words."""
    return Workshop(Lexicon({}, ()).to_json(), None, "recipe")


def write_reports(folder: Path, count: int) -> list[Job]:
    """Reports in Korean and English by turns, each a job."""
    folder.mkdir(parents=True, exist_ok=True)
    jobs = []
    for n in range(1, count + 1):
        lang = "en" if n % 2 else "ko"
        path = folder / f"보고서 {n}.md" if lang == "ko" else folder / f"report {n}.txt"
        path.write_text(TEXTS[lang].format(n=n), encoding="utf-8")
        jobs.append(Job(f"report-{n}", path))
    return jobs


def digest(result: Any) -> str:
    """Equal for results that are equal to the last bit."""
    return hashlib.sha256(json.dumps(_plain(result)).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return [type(value).__name__, *(_plain(getattr(value, f.name)) for f in fields)]
    if isinstance(value, np.ndarray):
        return [str(value.dtype), list(value.shape), value.tobytes().hex()]
    if isinstance(value, Mapping):
        return [[_plain(k), _plain(v)] for k, v in value.items()]
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (int, float, type(None))) else str(value)


def vectors(ready: Ready) -> dict[str, bytes]:
    """The vectors of every field, as bytes."""
    return {name: field.vectors.tobytes() for name, field in ready.prepared.fields.items()}
