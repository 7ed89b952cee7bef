"""A library of the record with its HTTP routes, and a bare page with the pane, for tests."""

import time
from pathlib import Path
from types import SimpleNamespace

from assistant.answer import Assistant
from assistant.keeping import Keeper
from assistant.live import Live
from assistant.settings import Settings
from assistant.web.library_routes import open_library
from index.job import Workshop, make_ready
from index.lexicon import compile_lexicon

STATIC = Path(__file__).parent.parent / "assistant" / "web" / "static"
HARBOUR = (
    "# 항만 보고서\n\n## 재원\n\n인천항은 2030년까지 4조 원을 들여 더 넓힌다. 정부가 절반을 낸다.\n"
)
PAGE = """<!doctype html><html data-lang="LANG" class="THEME"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static-cb/chat.css">
<link rel="stylesheet" href="/static-cb/library.css">
<style>body{margin:0;font-family:'Noto Sans CJK KR',sans-serif} #cb-library{width:min(320px,100vw);
padding:16px;box-sizing:border-box}</style></head><body><div id="cb-library"></div>
<script type="module">
window.scopes = []; window.opened = [];
document.addEventListener("cb:scope", (e) => scopes.push(e.detail.documents));
document.addEventListener("cb:open-citation",
  (e) => opened.push([e.detail.document, e.detail.page]));
import { start } from "/static-cb/library.js";
start(document.getElementById("cb-library"));
</script></body></html>"""


def in_this_process(monkeypatch, glossary, thesaurus):
    """Have keepers read files here, with a tiny lexicon: the workers have tests of their own."""
    lexicon = compile_lexicon(glossary=glossary, thesaurus=thesaurus).to_json()

    def engine(keeper, order, recipe, files):
        workshop = Workshop(lexicon, None, recipe)
        return lambda jobs: ((job, make_ready(job, workshop)) for job in jobs)

    monkeypatch.setattr(Keeper, "_engine", engine)


def library(tmp_path, folder, lexicon, **more):
    """Settings, the assistant of a small library folder and of a record, and the routes."""
    settings = Settings(
        library=folder,
        database=f"sqlite:///{tmp_path / 'record' / 'citebrief.db'}",
        index=tmp_path / "index",
        ingest_workers=1,
        **lexicon,
        **more,
    )
    live = Live(Assistant.open(settings))
    return SimpleNamespace(settings=settings, live=live, routes=open_library(settings, live))


def wait_for(client, job, seconds=60):
    """The job once it has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told = client.get(f"/library/jobs/{job}?lang=en").json()
        if told["ended"]:
            return told
        time.sleep(0.02)
    raise AssertionError(f"the job did not end: {told}")
