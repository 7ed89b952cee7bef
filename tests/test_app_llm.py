"""The chat page with a chat model: steps, checked sentences as they come, stop, and failures."""

import re
import threading

import pytest
from chat import ask, opened, send, served
from llm_server import Behaviour

KO = "미국이 우크라이나 전쟁에 지원한 금액은?"
EN = "How much has the US provided for the war in Ukraine?"
RIGHT = {
    "ko": "미국은 러시아-우크라이나 전쟁에 약 1,830억 달러를 지원했다.",
    "en": "The United States has provided about $183 billion for the Russia-Ukraine war.",
}
SECOND = {
    "ko": "미국은 이스라엘-하마스 전쟁에 179억 달러를 지원했다.",
    "en": "The United States has provided $17.9 billion for the Israel-Hamas war.",
}
WRONG = {
    "ko": "미국은 러시아-우크라이나 전쟁에 약 2,830억 달러를 지원했다.",
    "en": "The United States has provided about $283 billion for the Russia-Ukraine war.",
}


def passage(body, words):
    """The number of the passage in a prompt that holds `words`."""
    prompt = body["messages"][-1]["content"]
    return next(n for n, text in re.findall(r"⟦(\d+)⟧(.+?)⟦/\1⟧", prompt) if words in text)


def writes(*sentences, **how):
    """A model that cites the passage with the amount behind each of its sentences."""

    def script(body):
        korean = "한국어" in body["messages"][-1]["content"]
        n = passage(body, "1,830억" if korean else "$183 billion")
        lang = "ko" if korean else "en"
        return Behaviour("\n".join(f"{s[lang]} [{n}]" for s in sentences), pieces="lines", **how)

    return script


@pytest.fixture
def address(brief_index, llm_server, tmp_path):
    settings = {
        "CITEBRIEF_INDEX": str(brief_index.folder.parent),
        "CITEBRIEF_LLM": "openai:scripted",
        "CITEBRIEF_LLM_BASE_URL": llm_server.base_url,
        "CITEBRIEF_UNVERIFIED": "show",
    }
    with served(tmp_path, settings) as address:
        yield address


@pytest.fixture
def page(address, browser):
    with opened(browser, address) as page:
        yield page


@pytest.mark.browser
def test_a_reader_sees_checked_sentences_while_the_model_still_writes(page, llm_server):
    gate = threading.Semaphore(0)
    llm_server.behaves(writes(RIGHT, SECOND, gate=gate))
    send(page, KO)
    first = page.locator("#cb-chat .cb-sentence").first
    first.wait_for()
    assert RIGHT["ko"] in first.inner_text()
    steps = page.locator(".cb-steps li").all_inner_texts()
    assert [step.split(maxsplit=1)[1] for step in (steps[0], steps[-1])] == [
        "문서에서 찾는 중",
        "문장을 출처와 대조하는 중",
    ]
    assert page.locator("#cb-chat .cb-foot").count() == 0
    gate.release(5)
    page.locator("#cb-chat .cb-foot").wait_for()
    answer = page.locator("#cb-chat .cb-answer").last
    assert answer.locator(".cb-sentence").count() == 2
    assert "LLM · openai:scripted" in answer.inner_text()
    assert page.locator(".cb-steps").count() == 0

    # What fails the check is told apart, with the reason.
    llm_server.behaves(writes(WRONG, RIGHT), "[0]")
    answer = ask(page, EN)
    doubtful = answer.locator(".cb-sentence.cb-unverified")
    assert doubtful.count() == 1
    assert "A number that the source does not have" in doubtful.inner_text()

    # A model that is out of order costs the prose, not the answer.
    llm_server.behaves(Behaviour(status=401))
    answer = ask(page, KO)
    assert "API 키를 받아들이지 않았습니다" in answer.locator(".cb-remark").inner_text()
    assert "1,830억 달러" in answer.locator(".cb-sentence").first.inner_text()


@pytest.mark.browser
def test_stopping_keeps_what_was_checked_and_stops_the_model(page, llm_server):
    gate = threading.Semaphore(0)
    llm_server.behaves(writes(RIGHT, SECOND, gate=gate))
    send(page, KO)
    page.locator("#cb-chat .cb-sentence").wait_for()
    page.locator("#cb-input .stop-button").click()
    page.locator("#cb-chat .cb-remark").wait_for()
    assert llm_server.disconnected.wait(5)
    answer = page.locator("#cb-chat .cb-answer")
    assert RIGHT["ko"] in answer.inner_text()
    assert "멈추었습니다" in answer.inner_text()
    assert page.locator("#cb-input .submit-button").is_visible()
