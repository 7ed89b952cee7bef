// What the reader thinks of an answer: fills every <div class="cb-rate" data-turn="ID"> with two thumbs, and
// after thumbs down with reasons and a note. Kept by the server, and shown again with the turn.

import { rated, ratingOf, turnToRate } from "./history.js";

const REASONS = ["wrong_citation", "not_supported", "incomplete", "wrong_language", "should_have_answered"];
const TEXTS = {
  ko: {
    group: "이 답에 대한 의견", up: "도움이 됩니다", down: "도움이 되지 않습니다", why: "무엇이 아쉬웠습니까?", note: "덧붙일 말 (선택)",
    send: "보내기", close: "닫기", thanks: "의견을 저장했습니다.", withdrawn: "의견을 취소했습니다.",
    failed: "의견을 저장하지 못했습니다. 잠시 뒤에 다시 시도해 주세요.", kept: "질문과 답이 의견과 함께 서버에 저장됩니다.",
    wrong_citation: "인용이 잘못되었습니다", not_supported: "인용이 답을 뒷받침하지 않습니다", incomplete: "빠진 내용이 있습니다",
    wrong_language: "다른 언어로 답했습니다", should_have_answered: "문서에 있는데 답하지 않았습니다",
  },
  en: {
    group: "Feedback on this answer", up: "Helpful", down: "Not helpful", why: "What was wrong?", note: "Anything to add (optional)",
    send: "Send", close: "Close", thanks: "Your feedback was saved.", withdrawn: "Your feedback was withdrawn.",
    failed: "Your feedback could not be saved. Please try again in a moment.", kept: "The question and the answer are saved on the server with your feedback.",
    wrong_citation: "A citation is wrong", not_supported: "The citations do not support the answer", incomplete: "Something is missing",
    wrong_language: "It is in the wrong language", should_have_answered: "The documents have an answer, but none was given",
  },
};
const THUMB = "M7 21H4V10h3m0 11h9.4a2 2 0 0 0 2-1.6l1.5-7A2 2 0 0 0 18 10h-4.5l.8-4.2A2 2 0 0 0 12.3 3L7 10v11z";
const LONGEST_NOTE = 2000;

const lang = () => (document.documentElement.dataset.lang === "en" ? "en" : "ko");
const texts = () => TEXTS[lang()];
let count = 0;

function thumb(which) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `cb-thumb cb-thumb-${which}`;
  button.dataset.thumb = which;
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${THUMB}"/></svg>`;
  return button;
}

/** Put thumbs into a place that has none yet. */
async function fill(place) {
  place.dataset.ready = "1";
  place.setAttribute("role", "group");
  const said = document.createElement("span");
  said.className = "cb-rate-said";
  said.setAttribute("role", "status");
  place.replaceChildren(thumb("up"), thumb("down"), said);
  label(place);
  show(place, await ratingOf(place.dataset.turn).catch(() => null));
}

function label(place) {
  place.setAttribute("aria-label", texts().group);
  for (const button of place.querySelectorAll(".cb-thumb")) {
    const name = texts()[button.dataset.thumb];
    button.setAttribute("aria-label", name);
    button.title = `${name} · ${texts().kept}`;
  }
}

function show(place, rating) {
  for (const button of place.querySelectorAll(".cb-thumb")) {
    button.setAttribute("aria-pressed", String(rating?.thumb === button.dataset.thumb));
  }
}

function tell(place, words, failed = false) {
  const said = place.querySelector(".cb-rate-said");
  said.textContent = words;
  said.classList.toggle("cb-rate-failed", failed);
}

/** Send a rating, or null to take it back; gives whether it was kept. */
async function send(place, rating) {
  const id = place.dataset.turn;
  try {
    const turn = await turnToRate(id);
    if (turn === null) throw new Error("the turn is not known");
    const body = { turn, thumb: rating?.thumb ?? null, reasons: rating?.reasons ?? [], note: rating?.note ?? "" };
    const headers = { "Content-Type": "application/json", "X-CiteBrief": "1" };
    const reply = await fetch(new URL("feedback", document.baseURI), { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await reply.json().catch(() => ({}));
    if (!reply.ok) {
      tell(place, answer.messages?.[lang()] ?? texts().failed, true);
      return false;
    }
    show(place, answer.rating);
    tell(place, answer.rating ? texts().thanks : texts().withdrawn);
    await rated(id, answer.rating);
    return true;
  } catch {
    tell(place, texts().failed, true);
    return false;
  }
}

function panelOf(place, rating) {
  const form = document.createElement("form");
  form.className = "cb-reasons";
  const set = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.textContent = texts().why;
  set.append(legend);
  for (const reason of REASONS) {
    const line = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.name = "reason";
    box.value = reason;
    box.checked = rating.reasons.includes(reason);
    line.append(box, document.createTextNode(texts()[reason]));
    set.append(line);
  }
  const note = document.createElement("textarea");
  note.name = "note";
  note.rows = 2;
  note.maxLength = LONGEST_NOTE;
  note.value = rating.note;
  note.placeholder = texts().note;
  note.setAttribute("aria-label", texts().note);
  const kept = document.createElement("p");
  kept.className = "cb-rate-kept";
  kept.textContent = texts().kept;
  const buttons = ["send", "close"].map((what) => {
    const button = document.createElement("button");
    button.type = what === "send" ? "submit" : "button";
    button.className = `cb-rate-${what}`;
    button.textContent = texts()[what];
    return button;
  });
  form.append(set, note, kept, ...buttons);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reasons = [...form.querySelectorAll("input:checked")].map((box) => box.value);
    buttons[0].disabled = true;
    if (await send(place, { thumb: "down", reasons, note: note.value.trim() })) close(place);
    buttons[0].disabled = false;
  });
  buttons[1].addEventListener("click", () => close(place));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(place);
    event.stopPropagation(); // the page's own keys are for the question
  });
  return form;
}

function open(place, rating) {
  place.querySelector(".cb-reasons")?.remove();
  const down = place.querySelector(".cb-thumb-down");
  const form = panelOf(place, rating);
  form.id = `cb-reasons-${++count}`;
  down.setAttribute("aria-expanded", "true");
  down.setAttribute("aria-controls", form.id);
  place.append(form);
  form.querySelector("input").focus();
}

function close(place) {
  place.querySelector(".cb-reasons")?.remove();
  const down = place.querySelector(".cb-thumb-down");
  down.setAttribute("aria-expanded", "false");
  down.focus();
}

async function press(place, button) {
  const which = button.dataset.thumb;
  const again = button.getAttribute("aria-pressed") === "true";
  if (which === "down" && !place.querySelector(".cb-reasons")) {
    const before = again ? await ratingOf(place.dataset.turn) : null;
    const rating = before ?? { thumb: "down", reasons: [], note: "" };
    if (again || (await send(place, rating))) open(place, rating);
    return;
  }
  if (place.querySelector(".cb-reasons")) close(place);
  await send(place, again ? null : { thumb: which, reasons: [], note: "" });
}

function fillAll() {
  document.querySelectorAll(".cb-rate[data-turn]:not([data-ready])").forEach(fill);
}

/** Fill the places that there are, and those that come. */
export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".cb-rate .cb-thumb");
    if (!button) return;
    event.preventDefault();
    press(button.closest(".cb-rate"), button);
  });
  document.addEventListener("cb:lang", () => {
    document.querySelectorAll(".cb-rate[data-ready]").forEach((place) => {
      label(place);
      tell(place, "");
      if (place.querySelector(".cb-reasons")) close(place);
    });
  });
  new MutationObserver(fillAll).observe(document.body, { childList: true, subtree: true });
  fillAll();
}
