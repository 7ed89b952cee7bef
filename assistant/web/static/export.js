// Taking away: the export menu, copying an answer with its footnotes, and re-checking a receipt.
// The page says what conversation is open by setConversation(() => conversation or null).

const WORDS = {
  ko: {
    export: "내보내기",
    md: "Markdown (.md)",
    docx: "Word (.docx)",
    pdf: "PDF (.pdf)",
    json: "검증 기록 (.json)",
    verify: "검증 기록 확인",
    empty: "내보낼 대화가 없습니다. 먼저 질문해 주세요.",
    making: "파일을 만드는 중입니다.",
    made: "{name} 파일을 만들었습니다.",
    copied: "답을 각주와 함께 복사했습니다.",
    manual: "브라우저가 복사를 허용하지 않았습니다. 아래 글을 직접 복사해 주세요.",
    failed: "요청을 마치지 못했습니다. 연결을 확인하고 다시 시도해 주세요.",
    unread: "이 파일은 검증 기록이 아닙니다. 내보내기에서 받은 .json 파일을 골라 주세요.",
    confirmed: "확인됨",
    changed: "문서 바뀜",
    broken: "확인 안 됨",
    close: "닫기",
  },
  en: {
    export: "Export",
    md: "Markdown (.md)",
    docx: "Word (.docx)",
    pdf: "PDF (.pdf)",
    json: "Receipt (.json)",
    verify: "Check a receipt",
    empty: "There is no conversation to export yet. Ask a question first.",
    making: "Making the file.",
    made: "{name} was made.",
    copied: "The answer was copied with its footnotes.",
    manual: "The browser did not allow copying. Please copy the text below yourself.",
    failed: "The request was not completed. Check the connection and try again.",
    unread: "This file is not a receipt. Choose the .json file that Export gave you.",
    confirmed: "Confirmed",
    changed: "Document changed",
    broken: "Not confirmed",
    close: "Close",
  },
};
const FORMATS = ["md", "docx", "pdf", "json"];

let conversation = () => null;
let menu = null;

/** Have `getter` give the conversation that is open, as JSON, or null. */
export function setConversation(getter) {
  conversation = getter;
}

const lang = () => (document.documentElement.dataset.lang === "en" ? "en" : "ko");
const say = (key) => WORDS[lang()][key];

function made(tag, props = {}, ...children) {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
}

/** Tell what happened, to eyes and to screen readers. */
function tell(text) {
  let place = document.getElementById("cb-export-said");
  if (!place) {
    place = made("div", { id: "cb-export-said", className: "cb-said" });
    place.setAttribute("role", "status");
    place.setAttribute("aria-live", "polite");
    document.body.append(place);
  }
  place.textContent = text;
  clearTimeout(place.timer);
  place.timer = setTimeout(() => { place.textContent = ""; }, 6000);
}

/** POST to a path of ours; an Error's message is a sentence for the reader. */
async function send(path, body) {
  let reply;
  try {
    reply = await fetch(new URL(path, document.baseURI), {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CiteBrief": "1" },
      body: JSON.stringify({ lang: lang(), ...body }),
    });
  } catch {
    throw new Error(say("failed"));
  }
  if (!reply.ok) {
    const told = await reply.json().catch(() => ({}));
    throw new Error(typeof told.error === "string" ? told.error : say("failed"));
  }
  return reply;
}

function fileName(reply) {
  const named = /filename\*=UTF-8''([^;]+)/.exec(reply.headers.get("content-disposition") || "");
  return named ? decodeURIComponent(named[1]) : "citebrief";
}

async function save(format) {
  const open = conversation();
  if (!open || !open.turns || !open.turns.length) return tell(say("empty"));
  tell(say("making"));
  try {
    const reply = await send("export", { format, conversation: open });
    const name = fileName(reply);
    const link = made("a", { href: URL.createObjectURL(await reply.blob()), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    tell(say("made").replace("{name}", name));
  } catch (error) {
    tell(error.message);
  }
}

/** The answer of a turn as footnoted text. */
async function footnoted(id) {
  const open = conversation();
  const turn = open && open.turns.find((one) => one.id === id);
  if (!turn) throw new Error(say("empty"));
  const reply = await send("export", { format: "txt", conversation: { ...open, turns: [turn] } });
  return reply.text();
}

async function copy(link) {
  const text = footnoted(link.dataset.turn);
  try {
    await place(text);
    link.classList.add("cb-done");
    setTimeout(() => link.classList.remove("cb-done"), 1600);
    tell(say("copied"));
  } catch {
    try {
      byHand(await text);
    } catch (error) {
      tell(error.message);
    }
  }
}

/** Put text that is still being fetched on the clipboard, while the click still counts. */
async function place(text) {
  if (window.ClipboardItem && navigator.clipboard.write) {
    const blob = text.then((words) => new Blob([words], { type: "text/plain" }));
    try {
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      return;
    } catch { /* some browsers take no promise */ }
  }
  await navigator.clipboard.writeText(await text);
}

/** A dialog with the text selected, where the clipboard is refused. */
function byHand(text) {
  const area = made("textarea", { value: text, readOnly: true, rows: 12 });
  area.setAttribute("aria-label", say("manual"));
  dialog(say("manual"), area);
  area.focus();
  area.select();
}

function dialog(title, ...content) {
  const box = made("dialog", { className: "cb-export-dialog" });
  const heading = made("h2", { textContent: title, id: "cb-export-title", tabIndex: -1 });
  const close = made("button", { type: "submit", textContent: say("close") });
  box.setAttribute("aria-labelledby", heading.id);
  box.append(heading, ...content, made("form", { method: "dialog" }, close));
  const from = document.activeElement;
  box.addEventListener("close", () => {
    box.remove();
    if (from && from.isConnected) from.focus();
  });
  document.body.append(box);
  box.showModal();
  heading.focus(); // or the button at the end has it, and the beginning is out of sight
}

/** Ask for a receipt's file, and show what re-checking it finds. */
function check() {
  const input = made("input", { type: "file", accept: ".json,application/json" });
  input.addEventListener("change", async () => {
    if (!input.files.length) return;
    let receipt;
    try {
      receipt = JSON.parse(await input.files[0].text());
    } catch {
      return tell(say("unread"));
    }
    if (!receipt || typeof receipt !== "object" || !receipt.receipt) return tell(say("unread"));
    try {
      show(await (await send("verify", { receipt })).json());
    } catch (error) {
      tell(error.message);
    }
  });
  input.click();
}

function show(found) {
  const worst = ["broken", "changed", "confirmed"];
  const sorted = [...found.findings].sort((a, b) => worst.indexOf(a.state) - worst.indexOf(b.state));
  const items = sorted.map((one) => {
    const state = made("b", { textContent: say(one.state), className: `cb-is-${one.state}` });
    return made("li", {}, state, " ", one.message[lang()]);
  });
  const state = made("p", { className: `cb-is-${found.state}`, textContent: found.message[lang()] });
  dialog(say("verify"), state, made("ul", { className: "cb-findings" }, ...items));
}

/** A button with a menu, by the pattern that screen readers know. */
function fill(host) {
  const button = made("button", { type: "button", className: "cb-export-button" });
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  const list = made("div", { className: "cb-export-menu", hidden: true });
  list.setAttribute("role", "menu");
  const items = [...FORMATS, "verify"].map((key) => {
    const item = made("button", { type: "button", tabIndex: -1 });
    item.dataset.key = key;
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", () => {
      close(true);
      if (key === "verify") check();
      else save(key);
    });
    return item;
  });
  list.append(...items);
  host.replaceChildren(button, list);

  function open(at) {
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    items[at].focus();
  }
  function close(back) {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (back) button.focus();
  }
  function label() {
    button.textContent = say("export");
    list.setAttribute("aria-label", say("export"));
    items.forEach((item) => { item.textContent = say(item.dataset.key); });
  }
  button.addEventListener("click", () => (list.hidden ? open(0) : close(true)));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    open(event.key === "ArrowDown" ? 0 : items.length - 1);
  });
  list.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items[(to + items.length) % items.length].focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close(true);
    } else if (event.key === "Tab") {
      close(false);
    }
  });
  document.addEventListener("click", (event) => {
    if (!list.hidden && !host.contains(event.target)) close(false);
  });
  label();
  return { host, label };
}

/** Fill #cb-export, now or as soon as the page has it, and again where the page empties it. */
function attach() {
  const host = document.getElementById("cb-export");
  if (host && !host.querySelector(".cb-export-button")) menu = fill(host);
}

attach();
new MutationObserver(attach).observe(document.documentElement, { childList: true, subtree: true });
document.addEventListener("cb:lang", () => { if (menu) menu.label(); });
// Before any other listener: the page may copy answers in a way of its own.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest(".cb-copy[data-turn]");
  if (!link) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  copy(link);
}, true);
