"""The server's application over assistants and accounts that are stand-ins, for its tests."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace

from starlette.testclient import TestClient

from assistant.errors import AssistantError, InputError
from assistant.settings import Settings
from assistant.types import Answer, Partial, Sentence, Step
from assistant.web.login import Sessions
from assistant.web.server import create_app
from assistant.web.service import Service
from index.types import Document, Hit, Passage

DOCUMENT = Document("brief", "ko", {"ko": "브리프", "en": "Brief"}, "가나다.", (), (0,), ())
PASSAGE = Passage(
    "brief:s1", "brief", "sentence", "ko", "가나다.", "가나다.", 0, 4, 1, "s", {}, 0, 0
)
SECRET = "비밀 계획은? secret plans"


class FakeAssistant:
    """Answers every question, but for those that name what is to go wrong."""

    def __init__(self):
        self.index = SimpleNamespace(documents={"brief": DOCUMENT}, passages=[PASSAGE])
        self.asked = []
        self.checked = []

    def stream(self, question, history=(), *, lang="auto", engine="auto", id="", **options):
        self.asked.append((question, tuple(history), lang, engine, options))
        if "empty" in question:
            raise InputError("The question is empty; type a question.")
        if "model" in question:
            raise AssistantError("The model did not answer; try again.")
        if "fault" in question:
            raise ValueError(f"the internals of {question}")
        sentence = Sentence("Yes.", (), "verified", "fact", 1.0)
        answer = Answer(id, question, "ko", "answered", "Yes.", (sentence,))
        yield Step("search")
        yield Partial(answer)
        yield replace(answer, timings_ms={"total": 1.0})

    def retrieve(self, question, history=(), limit=10, **options):
        return [Hit(PASSAGE, 0.5)][:limit], 0.9

    def check(self, text, *, lang="auto", **options):
        self.checked.append((text, lang, options))
        return SimpleNamespace(to_json=lambda: {"sentences": [text]})


@dataclass(frozen=True)
class FakeUser:
    """Somebody."""

    name: str
    role: str = "member"


class FakeAccounts:
    """One user, kim, whose password is 바른 비밀번호; `tried` counts attempts."""

    def __init__(self):
        self.sessions = {}
        self.tried = 0

    def login(self, name, password):
        self.tried += 1
        if (name.casefold(), password) != ("kim", "바른 비밀번호"):
            return None
        token = f"token{len(self.sessions)}"
        self.sessions[token] = FakeUser("kim")
        return token

    def session(self, token):
        return self.sessions.get(token)

    def logout(self, token):
        self.sessions.pop(token, None)


def service_of(*, accounts=None, assistant=None, **settings) -> Service:
    """The service of a server with these settings."""
    sessions = Sessions(accounts) if accounts is not None else None
    named = {"hosts": "testserver"} | settings  # as Starlette's client calls it
    made = Service(Settings(**named), assistant or FakeAssistant(), sessions)
    made.warm = True
    return made


def client_of(service: Service, routes=(), **options) -> TestClient:
    """A client of the whole application; enter it for Gradio's queue and for MCP."""
    import gradio as gr

    with gr.Blocks(analytics_enabled=False) as page:
        box = gr.Textbox(elem_id="cb-box")
        answers = service.watched("page")

        def reply(question: str) -> Iterator[str]:
            for event in answers.stream(question):
                yield type(event).__name__

        box.submit(reply, box, box, api_visibility="private")
    app = create_app(page, service, routes)
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False, **options)
