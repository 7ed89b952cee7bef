"""The report of a run: one HTML page in Korean and English for readers who never saw the code.

The page holds everything it shows and asks no host for anything; its policy lets only the script
and the style run that were written with it. Questions, answers and quotes are text of others and
are escaped; no JSON goes into the script. Questions of a test half are counted and not shown, since
a test half that somebody has looked at measures nothing any more. Words for sentences stand in the
template, words for names here and in eval.scores.
"""

import base64
import hashlib
import re
from collections import Counter
from pathlib import Path
from markupsafe import Markup

HERE = Path(__file__).parent


def write_report(run: Run, path: Path, lang: Lang = "en", *, show_test: bool = False) -> None:
    """Write the report of `run` as a page that `lang` is shown first on.

    With `show_test` the questions of a test half are shown too. Raises InputError where `path`
    cannot be written.
    """
    page = _render(run, lang, show_test)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.encode("utf-8", "replace"))
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from error


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # no character of HTML


def _render(run: Run, lang: Lang, show_test: bool) -> str:
    rows = run.rows
    summary = summarise(rows)
    subject, documents = subject(run)
    lines = list(lines(summary))
    langs = [lang for lang in LANGS if summary.of(lang)]
    hidden = [] if show_test else [row for row in rows if row.half == "test"]
    shown = [row for row in rows if row.half != "test" or show_test]
    style, script = ((HERE / f"report.{kind}").read_text("utf-8") for kind in ("css", "js"))
    groups = {name: [x for x in lines if group_of(x.measure) == name] for name in GROUP_WORDS}
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            lang=lang,
            langs=langs,
            manifest=run.manifest,
            date=date(run.manifest),
            subject=subject,
            documents=documents,
            n_documents=len({row.document for row in rows}),
            halves={row.half for row in rows},
            summary=summary,
            headlines=[headline(lang, rows, lines) for lang in langs],
            groups={name: own for name, own in groups.items() if own},
            matrices={lang: matrix(rows, lang) for lang in langs},
            kinds={name: kinds(summary, name) for name in ("evidence", "vital", "refusals")},
            calibration=calibration(rows),
            histograms={
                name: found
                for name in ("latency_ms", "sentences", "quote_chars")
                if (found := histogram(BY_NAME[name], rows))
            },
            cards=[card(row) for row in shown],
            ids={row.id for row in shown},
            by_code=Counter(code for row in shown for code in {f.code for f in row.failures}),
            failed=failed(rows),
            hidden=hidden,
            hidden_codes=failed(hidden),
            hidden_kinds=Counter((row.kind, row.lang) for row in hidden if row.failures),
            style=Markup(style),  # written with this page: no text of others
            script=Markup(script),
            policy={"style": _hash(style), "script": _hash(script)},
        )
    )
    return _CONTROL.sub("", page)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=t,
        label=label,
        strong=strong,
        plural=plural,
        counter=counter,
        percent=percent,
        bound=bound,
        amount=amount,
        interval=interval,
        target=target,
        marked=marked,
        entries=entries,
        by_name=BY_NAME,
        measures=MEASURES,
        kind_words=KIND_WORDS,
        code_words=CODE_WORDS,
        stance_words=STANCE_WORDS,
        refusal=REFUSAL,
        refusal_words=REFUSAL_WORDS,
        lang_words=LANG_WORDS,
        short_words=SHORT_WORDS,
        group_words=GROUP_WORDS,
        manifest_words=MANIFEST_WORDS,
    )
    return environment
