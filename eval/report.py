"""The report of a run: one HTML page in Korean and English for readers who never saw the code.

The page holds everything it shows and asks no host for anything; its policy lets only the script
and the style run that were written with it. Questions, answers and quotes are text of others and
are escaped; no JSON goes into the script. Questions of a test half are counted and not shown, since
a test half that somebody has looked at measures nothing any more. Words for sentences stand in the
template, words for names in eval.report_words and eval.catalogue.
"""

import base64
import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

from markupsafe import Markup

from eval import page, report_words
from eval.catalogue import BY_NAME, MEASURES
from eval.refusal import REFUSAL
from eval.report_cards import card_of, marked
from eval.report_figures import (
    bound,
    diagrams_of,
    dots_by_kind,
    failed_by_code,
    group_of,
    headline_of,
    histogram_of,
    lines_of,
    matrix_of,
)
from eval.report_words import GROUP_WORDS, date_of, subject_of
from eval.runs import Run
from eval.samples import LANGS
from eval.summary import summarise
from index.types import Lang


def write_report(run: Run, path: Path, lang: Lang = "en", *, show_test: bool = False) -> None:
    """Write the report of `run` as a page that `lang` is shown first on.

    With `show_test` the questions of a test half are shown too. Raises InputError where `path`
    cannot be written.
    """
    page.write(_render(run, lang, show_test), path)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # no character of HTML


def _render(run: Run, lang: Lang, show_test: bool) -> str:
    values = {**_tools(), **_figures(run), **_questions(run, show_test)}
    style, script = ((page.HERE / f"report.{kind}").read_text("utf-8") for kind in ("css", "js"))
    values |= {
        "lang": lang,
        "style": Markup(style),  # written with this page: no text of others
        "script": Markup(script),
        "policy": {"style": _hash(style), "script": _hash(script)},
    }
    return _CONTROL.sub("", page.render("report.html.j2", values))


def _figures(run: Run) -> dict[str, Any]:
    """What was run, and what all its questions together show."""
    rows, summary = run.rows, summarise(run.rows)
    langs = [lang for lang in LANGS if summary.of(lang)]
    subject, documents = subject_of(run)
    lines = list(lines_of(summary))
    groups = {name: [x for x in lines if group_of(x.measure) == name] for name in GROUP_WORDS}
    spread = {
        name: histogram_of(BY_NAME[name], rows)
        for name in ("latency_ms", "sentences", "quote_chars")
    }
    return {
        "run": run,
        "langs": langs,
        "manifest": run.manifest,
        "date": date_of(run.manifest),
        "subject": subject,
        "documents": documents,
        "n_documents": len({row.document for row in rows}),
        "halves": {row.half for row in rows},
        "summary": summary,
        "headlines": [headline_of(lang, rows, lines) for lang in langs],
        "groups": {name: own for name, own in groups.items() if own},
        "matrices": {lang: matrix_of(rows, lang) for lang in langs},
        "kinds": {name: dots_by_kind(summary, name) for name in ("evidence", "vital", "refusals")},
        "calibration": diagrams_of(rows),
        "histograms": {name: found for name, found in spread.items() if found},
        "failed": failed_by_code(rows),
    }


def _questions(run: Run, show_test: bool) -> dict[str, Any]:
    """The questions that are shown, and how many of a test half are not."""
    hidden = [row for row in run.rows if row.half == "test" and not show_test]
    shown = [row for row in run.rows if row.half != "test" or show_test]
    return {
        "cards": [card_of(row) for row in shown],
        "ids": {row.id for row in shown},
        "by_code": Counter(code for row in shown for code in {f.code for f in row.failures}),
        "hidden": hidden,
        "hidden_codes": failed_by_code(hidden),
        "hidden_kinds": Counter((row.kind, row.lang) for row in hidden if row.failures),
    }


def _tools() -> dict[str, Any]:
    """What the template calls and looks up, whatever the run."""
    return {
        "t": report_words.t,
        "label": report_words.label,
        "strong": report_words.strong,
        "plural": report_words.plural,
        "counter": report_words.counter,
        "percent": report_words.percent,
        "bound": bound,
        "amount": report_words.amount,
        "interval": report_words.interval,
        "target": report_words.target_of,
        "marked": marked,
        "entries": report_words.entries_of,
        "by_name": BY_NAME,
        "measures": MEASURES,
        "kind_words": report_words.KIND_WORDS,
        "code_words": report_words.CODE_WORDS,
        "stance_words": report_words.STANCE_WORDS,
        "refusal": REFUSAL,
        "refusal_words": report_words.REFUSAL_WORDS,
        "lang_words": report_words.LANG_WORDS,
        "short_words": report_words.SHORT_WORDS,
        "group_words": GROUP_WORDS,
        "manifest_words": report_words.MANIFEST_WORDS,
    }


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
