// The list of conversations in #cb-history: search, open, rename, delete. The page calls remember(conversation)
// after each answer and mark(null) when a new conversation begins, and opens what cb:open-conversation brings.

import { openStore, titleOf } from "./store.js";

const TEXTS = {
  ko: {
    heading: "대화 기록", search: "대화 검색", none: "아직 나눈 대화가 없습니다.", nothing: "찾은 대화가 없습니다.",
    today: "오늘", yesterday: "어제", week: "지난 7일", rename: "이름 바꾸기", remove: "삭제", clear: "모두 지우기",
    sure: "이 대화를 삭제합니다. 되돌릴 수 없습니다.", all: "모든 대화를 지웁니다. 되돌릴 수 없습니다.",
    yes: "삭제", no: "취소", more: "더 보기", title: "대화 이름", failed: "대화 기록을 불러오지 못했습니다. 잠시 뒤에 다시 시도해 주세요.",
    browser: "대화는 이 브라우저에만 저장됩니다.", server: "대화는 로그인한 계정에 저장됩니다.",
    memory: "이 브라우저는 저장을 허용하지 않아, 창을 닫으면 대화가 사라집니다.", turns: (n) => `질문 ${n}개`,
  },
  en: {
    heading: "History", search: "Search conversations", none: "No conversations yet.", nothing: "No conversation was found.",
    today: "Today", yesterday: "Yesterday", week: "Last 7 days", rename: "Rename", remove: "Delete", clear: "Delete all",
    sure: "This conversation will be deleted for good.", all: "All conversations will be deleted for good.",
    yes: "Delete", no: "Cancel", more: "Show more", title: "Name of the conversation", failed: "The history could not be loaded. Please try again in a moment.",
    browser: "Conversations are kept in this browser only.", server: "Conversations are kept with your login.",
    memory: "This browser allows nothing to be kept, so conversations are lost when the window is closed.", turns: (n) => (n === 1 ? "1 question" : `${n} questions`),
  },
};
const ICONS = {
  rename: "M4 20h4L19 9l-4-4L4 16v4z",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
};
const WAIT = 200; // ms after the last key of a search

const lang = () => (document.documentElement.dataset.lang === "en" ? "en" : "ko");
const texts = () => TEXTS[lang()];
const opened = openStore();
const channel = "BroadcastChannel" in window ? new BroadcastChannel("citebrief-history") : null;
const ratings = new Map(); // of turns that were rated on this page
const shown = new Map(); // id -> conversation that this page has seen whole
let root = null;
let current = null;
let query = "";
let asked = 0;

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// --- days -----------------------------------------------------------------------------------------

function dayBefore(days) {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() - days);
  return day;
}

function groupOf(time) {
  if (time >= dayBefore(0)) return texts().today;
  if (time >= dayBefore(1)) return texts().yesterday;
  if (time >= dayBefore(7)) return texts().week;
  return new Intl.DateTimeFormat(lang(), { year: "numeric", month: "long" }).format(time);
}

function shortTime(time) {
  const style = time >= dayBefore(1) ? { hour: "numeric", minute: "2-digit" } : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(lang(), style).format(time);
}

// --- the list -------------------------------------------------------------------------------------

function frame() {
  const search = element("input", { type: "search", className: "cb-h-search", value: query, placeholder: texts().search, "aria-label": texts().search, maxLength: 200 });
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { query = search.value; fill(); }, WAIT);
  });
  root.replaceChildren(
    element("h2", { className: "cb-h-heading", textContent: texts().heading }),
    search,
    element("div", { className: "cb-h-list" }),
    element("div", { className: "cb-h-foot" }),
  );
}

/** Show what the store has now. */
async function fill(before = null) {
  if (!root) return;
  const turn = ++asked;
  const list = root.querySelector(".cb-h-list");
  try {
    const store = await opened;
    const { conversations, next } = await store.list({ query, before });
    if (turn !== asked) return; // another search came after this one
    root.querySelector(".cb-h-more")?.remove();
    if (!before) list.replaceChildren();
    for (const conversation of conversations) append(list, conversation);
    if (!list.children.length) {
      list.append(element("p", { className: "cb-h-note", role: "status", textContent: query ? texts().nothing : texts().none }));
    }
    if (next) {
      const more = element("button", { type: "button", className: "cb-h-more", textContent: texts().more });
      more.addEventListener("click", () => fill(next));
      list.append(more);
    }
    foot(store, conversations.length > 0 || before !== null || query !== "");
  } catch {
    if (turn === asked) list.replaceChildren(element("p", { className: "cb-h-note cb-h-failed", role: "alert", textContent: texts().failed }));
  }
}

function append(list, conversation) {
  const time = new Date(conversation.updated);
  const group = groupOf(time);
  let rows = list.lastElementChild;
  if (!rows || rows.dataset.group !== group) {
    list.append(element("h3", { className: "cb-h-day", textContent: group }));
    rows = element("ul", { className: "cb-h-rows" });
    rows.dataset.group = group;
    list.append(rows);
  }
  rows.append(row(conversation, time));
}

function row(conversation, time) {
  const told = `${shortTime(time)} · ${texts().turns(conversation.turns)}`;
  const open = element(
    "button", { type: "button", className: "cb-h-open", title: conversation.title },
    element("span", { className: "cb-h-title", textContent: conversation.title }),
    element("span", { className: "cb-h-time", textContent: told }),
  );
  if (conversation.id === current) open.setAttribute("aria-current", "true");
  const item = element("li", { className: "cb-h-row" }, open);
  item.dataset.id = conversation.id;
  open.addEventListener("click", () => bring(conversation.id));
  for (const what of ["rename", "remove"]) {
    const button = element("button", { type: "button", className: `cb-h-icon cb-h-${what}`, "aria-label": `${texts()[what]}: ${conversation.title}`, title: texts()[what] }, icon(what));
    button.addEventListener("click", () => (what === "rename" ? rename(item, conversation) : confirm(item, texts().sure, () => remove(conversation.id))));
    item.append(button);
  }
  return item;
}

function foot(store, any) {
  const note = element("p", { className: "cb-h-note", textContent: texts()[store.where] });
  if (store.where === "memory") note.setAttribute("role", "status");
  const place = root.querySelector(".cb-h-foot");
  place.replaceChildren(note);
  if (!any) return;
  const clear = element("button", { type: "button", className: "cb-h-clear", textContent: texts().clear });
  clear.addEventListener("click", () => confirm(place, texts().all, async () => {
    await store.clear();
    shown.clear();
    forgotten(current);
  }));
  place.append(clear);
}

async function bring(id) {
  const conversation = await (await opened).get(id).catch(() => null);
  if (!conversation) return fill();
  shown.set(id, conversation);
  mark(id);
  document.dispatchEvent(new CustomEvent("cb:open-conversation", { detail: conversation }));
}

/** Ask in the place of a row; the answer is a button, so a slip deletes nothing. */
function confirm(place, words, work) {
  const before = [...place.childNodes];
  const yes = element("button", { type: "button", className: "cb-h-yes", textContent: texts().yes });
  const no = element("button", { type: "button", className: "cb-h-no", textContent: texts().no });
  const back = () => {
    place.replaceChildren(...before);
    place.querySelector(".cb-h-remove, .cb-h-clear")?.focus();
  };
  const box = element("div", { className: "cb-h-confirm", role: "alertdialog", "aria-label": words }, element("p", { textContent: words }), yes, no);
  yes.addEventListener("click", async () => {
    yes.disabled = true;
    try {
      await work();
      channel?.postMessage("changed");
      await fill();
      root.querySelector(".cb-h-search").focus();
    } catch { back(); }
  });
  no.addEventListener("click", back);
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") back(); });
  place.replaceChildren(box);
  no.focus();
}

async function remove(id) {
  await (await opened).remove(id);
  shown.delete(id);
  forgotten(id);
}

/** The conversation on the page was deleted: the page is told, and begins a new one. */
function forgotten(id) {
  if (id === null || id !== current) return;
  current = null;
  document.dispatchEvent(new CustomEvent("cb:conversation-deleted", { detail: { id } }));
}

function rename(item, conversation) {
  const box = element("input", { className: "cb-h-name", value: conversation.title, maxLength: 120, "aria-label": texts().title });
  const before = [...item.childNodes];
  let done = false;
  const end = async (save) => {
    if (done) return;
    done = true;
    const title = box.value.trim();
    item.replaceChildren(...before);
    item.querySelector(".cb-h-rename").focus();
    if (!save || !title || title === conversation.title) return;
    try {
      await (await opened).rename(conversation.id, title);
      if (shown.has(conversation.id)) shown.get(conversation.id).title = titleOf(title);
      channel?.postMessage("changed");
    } finally { await fill(); }
  };
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return; // the Enter that ends a syllable
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
  });
  box.addEventListener("blur", () => end(true));
  item.replaceChildren(box);
  box.focus();
  box.select();
}

// --- for the page ---------------------------------------------------------------------------------

/** Mark the conversation that is on the page; null: a new one begins. */
export function mark(id) {
  current = id;
  root?.querySelectorAll(".cb-h-row").forEach((item) => {
    const open = item.querySelector(".cb-h-open");
    if (item.dataset.id === id) open?.setAttribute("aria-current", "true");
    else open?.removeAttribute("aria-current");
  });
}

/** Keep a conversation as it is now, and show it first in the list. */
export async function remember(conversation) {
  const store = await opened;
  const kept = structuredClone(conversation);
  const known = shown.get(kept.id);
  kept.title = known?.title || kept.title || titleOf(kept.turns[0]?.question ?? "");
  for (const turn of kept.turns) {
    if (ratings.has(turn.id)) turn.rating = ratings.get(turn.id);
  }
  shown.set(kept.id, kept);
  mark(kept.id);
  await store.put(kept);
  channel?.postMessage("changed");
  await fill();
}

/** What to send of a turn to have it rated: the turn itself, or its id where the server keeps it. */
export async function turnToRate(id) {
  const store = await opened;
  if (store.where === "server") return id;
  return (await turn(id)) ?? null;
}

/** A turn that this page, or the browser, has; null where the server alone knows it. */
export async function turn(id) {
  for (const conversation of shown.values()) {
    const found = conversation.turns.find((one) => one.id === id);
    if (found) return found;
  }
  return (await opened).turn(id);
}

/** Keep what the reader thinks of a turn. */
export async function rated(id, rating) {
  ratings.set(id, rating);
  for (const conversation of shown.values()) {
    const found = conversation.turns.find((one) => one.id === id);
    if (!found) continue;
    found.rating = rating;
    await (await opened).put(conversation);
  }
  document.dispatchEvent(new CustomEvent("cb:rated", { detail: { turn: id, rating } }));
}

/** What the reader thought of a turn on this page, or before. */
export async function ratingOf(id) {
  return ratings.has(id) ? ratings.get(id) : ((await turn(id))?.rating ?? null);
}

/** Fill `place`, or #cb-history, and keep it up to date. */
export function start(place = document.getElementById("cb-history")) {
  if (!place || root === place) return;
  root = place;
  root.classList.add("cb-history");
  const draw = () => { frame(); fill(); };
  document.addEventListener("cb:lang", draw);
  channel?.addEventListener("message", () => fill());
  draw();
}
