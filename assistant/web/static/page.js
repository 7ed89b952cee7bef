// The page in the browser: its language, brightness and views, and the conversation that it keeps.
// The other parts (reader, library, history, export …) are modules of their own; they speak to this
// one by events on the document: cb:ask, cb:scope, cb:open-conversation.

const root = document.documentElement;
const WORDS = JSON.parse(document.getElementById("cb-words").textContent);
const local = {
  get: (name) => { try { return localStorage.getItem(`citebrief-${name}`); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(`citebrief-${name}`, value); } catch { /* private mode */ } },
};
const tab = {
  get: () => { try { return sessionStorage.getItem("citebrief-open"); } catch { return null; } },
  set: (id) => { try { id ? sessionStorage.setItem("citebrief-open", id) : sessionStorage.removeItem("citebrief-open"); } catch { /* private mode */ } },
};

export const lang = () => root.dataset.lang;
export const word = (name, values = {}) => WORDS[lang()][name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

export function toast(message, { role = "status", seconds = 2.6 } = {}) {
  document.querySelector(".cb-toast")?.remove();
  const box = document.createElement("div");
  box.className = "cb-toast";
  box.role = role;
  box.textContent = message;
  document.body.append(box);
  setTimeout(() => box.remove(), seconds * 1000);
}

// ---- language, brightness, views ----

function speak(chosen) {
  root.dataset.lang = chosen;
  root.lang = chosen;
  label();
  document.dispatchEvent(new CustomEvent("cb:lang", { detail: { lang: chosen } }));
}

// What Gradio wrote in the language of the browser, and what only an attribute can say.
function label() {
  document.querySelectorAll("[data-cb-title]").forEach((e) => {
    const said = word(e.dataset.cbTitle);
    if (e.getAttribute("aria-label") !== said) e.setAttribute("aria-label", said);
    if (e.matches("button") && e.title !== said) e.title = said;
  });
  document.querySelectorAll("[data-cb-lang]").forEach((e) => e.setAttribute("aria-pressed", String(e.dataset.cbLang === lang())));
  document.querySelectorAll("[data-cb-view]").forEach((e) => {
    if (e.dataset.cbView === root.dataset.view) e.setAttribute("aria-current", "page");
    else e.removeAttribute("aria-current");
  });
  for (const [id, name] of [["cb-box", "placeholder"], ["cb-check-text", "check_placeholder"]]) {
    const area = document.querySelector(`#${id} textarea`);
    if (area && area.placeholder !== word(name)) area.placeholder = word(name);
    if (area && area.getAttribute("aria-label") !== word(name)) area.setAttribute("aria-label", word(name));
  }
  for (const [id, name] of [["cb-check-go", "check_button"], ["cb-check-clear", "check_clear"]]) {
    const button = document.getElementById(id);
    if (button && button.textContent.trim() !== word(name)) button.textContent = word(name);
  }
  tellScope();
  tellEditing();
}

function view(name) {
  root.dataset.view = name;
  label();
}

function brighten(chosen) {
  const dark = chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.body.classList.toggle("dark", dark);
  root.style.colorScheme = dark ? "dark" : "light";
}

function nextBrightness() {
  const order = ["auto", "light", "dark"];
  const chosen = order[(order.indexOf(local.get("theme") || "auto") + 1) % order.length];
  local.set("theme", chosen);
  brighten(chosen);
  toast(`${word("theme")}: ${word(`theme_${chosen}`)}`);
}

function side(open) {
  root.classList.toggle("cb-side-open", open);
  document.getElementById("cb-open-side")?.setAttribute("aria-expanded", String(open));
  document.querySelector(".cb-shade")?.remove();
  if (!open) return;
  const shade = document.createElement("div");
  shade.className = "cb-shade";
  shade.addEventListener("click", () => side(false));
  document.body.append(shade);
  document.getElementById("cb-close-side").focus();
}

// ---- the conversation ----

let conversation = null; // as the server gave it back
let base = undefined; // what the next question continues, where that is not all of it
let documents = null; // those to ask; null: all
let keeper = null; // the history, which keeps conversations
let busy = false; // an answer is under way, and Gradio takes no other question
let sent = undefined; // the `base` of the question under way, in case it does not arrive
let saved = 0; // turns of the open one that are

// What goes with a question: the conversation before it, and which documents to ask.
function asking(question) {
  busy = true;
  const kept = base === undefined ? conversation : base;
  sent = base;
  base = undefined;
  tellEditing();
  return [question, kept, documents];
}

async function answered(kept) {
  busy = false;
  conversation = kept;
  if (!kept?.turns?.length) return;
  tab.set(kept.id);
  await keeper?.remember(kept);
  saved = kept.turns.length;
}

// Why the server took no question, in the reader's language; it said so in the browser's.
function refusal(said) {
  for (const name of Object.keys(WORDS.en).filter((one) => one.startsWith("refused_"))) {
    for (const text of [WORDS.ko[name], WORDS.en[name]]) {
      const [before, after] = text.split("{seconds}");
      if (!said.startsWith(before) || !said.endsWith(after ?? "")) continue;
      return word(name, { seconds: said.slice(before.length).match(/^\d+/)?.[0] });
    }
  }
  return word("no_reply");
}

// Gradio says it in a corner, in a language of its own, and lays "Error" over the conversation.
function failed(notice) {
  notice.dataset.cbSaid = "";
  busy = false;
  base = sent;
  tellEditing();
  const said = notice.querySelector(".toast-message-text")?.textContent.trim() ?? "";
  toast(refusal(said), { role: "alert", seconds: 8 });
}

function open(kept) {
  conversation = kept;
  base = undefined;
  tellEditing();
  tab.set(kept?.id);
  view("ask");
  side(false);
  document.getElementById("cb-reopen").click();
  keeper?.mark(kept?.id ?? null);
}

function ask(text) {
  view("ask");
  fill(text);
  // Gradio takes the text up before it is sent, and nothing while an answer is not quite done.
  let waits = 30; // a question that the server refused to queue is never answered
  const send = () => {
    const button = document.querySelector("#cb-box .submit-button");
    if (busy && (!button || waits-- > 0)) setTimeout(send, 50);
    else button?.click();
  };
  requestAnimationFrame(send);
}

function fill(text) {
  const area = document.querySelector("#cb-box textarea");
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, text);
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

// The conversation up to the turn, without it; a retry or an edited question takes its place.
function before(id) {
  const at = conversation?.turns.findIndex((turn) => turn.id === id) ?? -1;
  if (at < 0) return null;
  return { turn: conversation.turns[at], kept: at ? { ...conversation, turns: conversation.turns.slice(0, at) } : { ...conversation, turns: [] } };
}

function act(button) {
  const found = before(button.dataset.turn);
  if (!found) return;
  base = found.kept;
  if (button.dataset.cbAct === "retry") ask(found.turn.question);
  else {
    fill(found.turn.question);
    tellEditing();
  }
}

function tellEditing() {
  const place = document.getElementById("cb-editing");
  if (!place) return;
  const said = base === undefined ? "" : word("editing");
  if (place.firstChild?.textContent === said || (!said && !place.firstChild)) return;
  place.replaceChildren();
  if (!said) return;
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.textContent = word("cancel_edit");
  cancel.addEventListener("click", () => {
    base = undefined;
    fill("");
    tellEditing();
  });
  place.append(said, cancel);
}

function tellScope() {
  const place = document.getElementById("cb-scope");
  if (!place) return;
  const said = documents ? word("scope_some", { count: documents.length.toLocaleString(lang()) }) : "";
  if (place.textContent !== said) place.textContent = said;
}

// ---- checking a text ----

let report = null;

function checked(markdown) {
  report = markdown;
  document.getElementById("cb-check-save").hidden = !markdown;
}

function saveReport() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([report], { type: "text/markdown" }));
  link.download = `citebrief-check-${new Date().toISOString().slice(0, 10)}.md`;
  link.click();
  URL.revokeObjectURL(link.href);
}

// ---- all together ----

async function start() {
  const [{ openStore }, history, library, reader, pages, exporting, feedback] = await Promise.all(
    ["store", "history", "library", "reader", "pages", "export", "feedback"].map((name) => import(`./${name}.js`)),
  );
  keeper = history;
  history.start();
  library.start(document.getElementById("cb-library"));
  reader.start();
  pages.start();
  exporting.setConversation(() => conversation);
  feedback.start();
  const id = tab.get();
  const kept = id ? await (await openStore()).get(id) : null;
  if (kept) open(kept);
  else tab.set(null);
}

window.citebrief = {
  asking,
  answered,
  checked,
  opening: () => [conversation],
  scope: () => documents,
  saved: () => saved,
  busy: () => busy,
};

// A question about a sentence of a document: the reader words it, and sends it.
document.addEventListener("cb:ask", (event) => {
  base = undefined;
  view("ask");
  fill(event.detail.text);
  tellEditing();
});
document.addEventListener("cb:scope", (event) => {
  documents = event.detail.documents;
  tellScope();
});
document.addEventListener("cb:open-conversation", (event) => open(event.detail));
document.addEventListener("cb:conversation-deleted", (event) => {
  if (conversation?.id === event.detail.id) open(null);
});

document.addEventListener("click", (event) => {
  const hit = event.target.closest?.("[data-cb-lang], [data-cb-view], [data-cb-ask], [data-cb-act], #cb-theme, #cb-open-side, #cb-close-side, #cb-new, #cb-check-save, #cb-logout");
  if (!hit) return;
  if (hit.dataset.cbLang) {
    local.set("lang", hit.dataset.cbLang);
    speak(hit.dataset.cbLang);
  } else if (hit.dataset.cbView) view(hit.dataset.cbView);
  else if (hit.dataset.cbAsk) {
    base = undefined;
    ask(hit.dataset.cbAsk);
  } else if (hit.dataset.cbAct) act(hit);
  else if (hit.id === "cb-theme") nextBrightness();
  else if (hit.id === "cb-open-side") side(true);
  else if (hit.id === "cb-close-side") {
    side(false);
    document.getElementById("cb-open-side").focus();
  } else if (hit.id === "cb-new") {
    open(null);
    document.querySelector("#cb-box textarea").focus();
  } else if (hit.id === "cb-check-save") saveReport();
  else if (hit.id === "cb-logout") fetch("logout", { method: "POST", headers: { "X-CiteBrief": "1" } }).then(() => location.reload());
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && root.classList.contains("cb-side-open") && !document.querySelector("dialog[open]")) {
    side(false);
    document.getElementById("cb-open-side").focus();
  }
});
// The Enter that ends a Hangul syllable does not send the question.
for (const type of ["keydown", "keypress"]) {
  document.addEventListener(type, (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  }, true);
}

let questions = 0;
let started = false;
new MutationObserver(() => {
  // A new question goes to the top, so that its answer is read from its beginning.
  const shown = document.querySelectorAll("#cb-chat .cb-question");
  if (shown.length > questions) requestAnimationFrame(() => shown[shown.length - 1].scrollIntoView({ block: "start" }));
  questions = shown.length;
  document.querySelectorAll(".toast-body.error:not([data-cb-said])").forEach(failed);
  // Gradio labels a message with its HTML; without the label, a screen reader reads the text.
  document.querySelectorAll("#cb-chat [data-testid][aria-label]").forEach((message) => message.removeAttribute("aria-label"));
  label();
  if (!started && document.getElementById("cb-history") && document.querySelector("#cb-box textarea") && document.getElementById("cb-reopen")) {
    started = true;
    start();
  }
}).observe(root, { childList: true, subtree: true });

brighten(local.get("theme") || "auto");
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => brighten(local.get("theme") || "auto"));
root.dataset.view = "ask";
speak(local.get("lang") || (navigator.language.startsWith("ko") ? "ko" : "en"));
