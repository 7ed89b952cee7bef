// The library pane: which documents there are, what each covers, which to ask; upload and removal.
import { Jobs, address } from "./library_jobs.js";
import { date, day, lang, language, make, number, words } from "./library_words.js";

const KEY = "citebrief-not-asked"; // documents that the reader switched off; new ones are on
const FILTER_FROM = 9; // documents from which there is a filter
const FRESH = 10_000; // ms for which the list is not asked for again

// Fill `element` with the pane; it keeps itself up to date.
export function start(element) {
  return new Pane(element);
}

class Pane {
  constructor(element) {
    this.off = new Set(stored());
    this.documents = [];
    this.rows = new Map();
    this.open = new Set();
    this.covers = new Map();
    this.loaded = 0;
    this.build(element);
    this.jobs = new Jobs(this.jobList, (text) => this.say(text), (job) => this.ended(job));
    document.addEventListener("cb:lang", () => this.speak());
    addEventListener("focus", () => { if (Date.now() - this.loaded > FRESH) this.load(); });
    this.speak();
    this.load().then(() => this.jobs.resume());
  }

  build(element) {
    this.chooser = make("input", { type: "file", multiple: true, hidden: true, onchange: () => {
      this.jobs.send(this.chooser.files);
      this.chooser.value = "";
    } });
    this.heading = make("h2", {});
    this.upload = make("button", { type: "button", class: "cb-upload", hidden: true, onclick: () => this.chooser.click() });
    this.note = make("p", { class: "cb-lib-note" });
    this.jobList = make("ul", { class: "cb-jobs" });
    this.find = make("input", { type: "search", class: "cb-find", hidden: true, oninput: () => this.filter() });
    this.asked = make("span", { class: "cb-asked", role: "status" });
    this.all = make("button", { type: "button", class: "cb-quiet", onclick: () => this.choose(true) });
    this.none = make("button", { type: "button", class: "cb-quiet", onclick: () => this.choose(false) });
    this.tools = make("div", { class: "cb-lib-tools", hidden: true }, this.asked, this.all, this.none);
    this.list = make("ul", { class: "cb-docs" });
    this.message = make("p", { class: "cb-lib-message", hidden: true });
    this.retry = make("button", { type: "button", class: "cb-quiet", hidden: true, onclick: () => this.load() });
    this.live = make("div", { class: "cb-hear", "aria-live": "polite" });
    this.veil = make("div", { class: "cb-veil", "aria-hidden": "true" });
    this.root = make("section", { class: "cb-lib" },
      make("div", { class: "cb-lib-top" }, this.heading, this.upload, this.chooser), this.note, this.jobList,
      this.find, this.tools, this.message, this.retry, this.list, this.live, this.veil);
    element.replaceChildren(this.root);
    this.drops();
  }

  drops() {
    let inside = 0;
    const files = (event) => this.may && [...(event.dataTransfer?.types ?? [])].includes("Files");
    const veil = (on) => this.root.classList.toggle("cb-dropping", on);
    this.root.addEventListener("dragenter", (event) => { if (files(event)) { event.preventDefault(); inside += 1; veil(true); } });
    this.root.addEventListener("dragover", (event) => { if (files(event)) event.preventDefault(); });
    this.root.addEventListener("dragleave", (event) => { if (files(event) && (inside -= 1) <= 0) { inside = 0; veil(false); } });
    this.root.addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      inside = 0;
      veil(false);
      this.jobs.send(event.dataTransfer.files);
    });
  }

  async load() {
    this.loaded = Date.now();
    try {
      const reply = await fetch(address(""));
      if (!reply.ok) throw new Error(String(reply.status));
      const told = await reply.json();
      this.documents = told.documents;
      this.may = told.uploads.allowed;
      this.refusal = told.uploads.why;
      this.jobs.limits = told.uploads;
      this.chooser.accept = told.uploads.suffixes.join(",");
      this.covers.clear();
      this.failed = false;
    } catch {
      this.failed = true;
    }
    this.known();
    this.render();
  }

  // Forget choices about documents that are gone; where none would be asked, all are.
  known() {
    if (this.failed) return;
    const ids = this.documents.map((document) => document.id);
    this.off = new Set([...this.off].filter((id) => ids.includes(id)));
    if (this.off.size === ids.length) this.off.clear();
    this.scope();
  }

  scope() {
    store([...this.off]);
    const on = this.documents.filter((document) => !this.off.has(document.id)).map((document) => document.id);
    const documents = this.off.size ? on : null;
    const said = JSON.stringify(documents);
    if (said !== this.scoped) document.dispatchEvent(new CustomEvent("cb:scope", { detail: { documents } }));
    this.scoped = said;
    this.count();
  }

  count() {
    const of = this.documents.length;
    this.asked.textContent = words().asked(number(of - this.off.size), number(of));
  }

  // All texts in the language of the page.
  speak() {
    const w = words();
    this.root.lang = lang();
    this.root.setAttribute("aria-label", w.heading);
    this.heading.textContent = w.heading;
    this.upload.textContent = w.upload;
    this.chooser.setAttribute("aria-label", w.upload);
    this.find.placeholder = w.filter;
    this.find.setAttribute("aria-label", w.filter);
    this.all.textContent = w.all;
    this.none.textContent = w.none;
    this.retry.textContent = w.retry;
    this.veil.textContent = w.drop;
    if (this.loaded) this.load(); // why nothing may be uploaded comes in one language
    this.jobs.speak();
  }

  render() {
    const w = words();
    const held = this.root.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.note.textContent = this.may || this.failed ? w.shared : `${w.shared} ${this.refusal ?? ""}`;
    this.upload.hidden = !this.may;
    this.tools.hidden = this.documents.length < 2;
    this.find.hidden = this.documents.length < FILTER_FROM;
    if (this.find.hidden) this.find.value = "";
    this.retry.hidden = !this.failed;
    this.rows.clear();
    this.list.replaceChildren(...this.documents.map((document) => this.row(document)));
    this.filter();
    this.count();
    if (held) this.list.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
  }

  row(document) {
    const w = words();
    const title = titleOf(document);
    const box = make("input", { type: "checkbox", "data-key": `box ${document.id}`, "aria-label": w.ask(title), onchange: () => this.toggle(document, box) });
    box.checked = !this.off.has(document.id);
    const facts = [
      w.pages(document.pages),
      language(document.lang),
      document.as_of && date(document.as_of),
      this.documents.some((other) => other !== document && titleOf(other) === title) && document.name,
    ].filter(Boolean).join(" · ");
    const open = this.open.has(document.id);
    const more = make("button", { type: "button", class: "cb-more", "data-key": `more ${document.id}`, "aria-expanded": String(open), "aria-label": w.more(title), onclick: () => this.expand(document) });
    const detail = make("div", { class: "cb-detail", hidden: !open });
    const name = make("label", { class: "cb-lib-name" }, box, make("span", { class: "cb-lib-text" },
      make("span", { class: "cb-lib-title", dir: "auto", title }, title), make("span", { class: "cb-lib-facts" }, facts)));
    const row = make("li", { class: "cb-lib-doc", "data-id": document.id }, make("div", { class: "cb-lib-line" }, name, more), detail);
    this.rows.set(document.id, { row, box, more, detail, title });
    if (open) this.fill(document);
    return row;
  }

  toggle(document, box) {
    if (!box.checked && this.off.size === this.documents.length - 1) {
      box.checked = true;
      this.tell(words().one);
      return;
    }
    if (box.checked) this.off.delete(document.id);
    else this.off.add(document.id);
    this.scope();
  }

  // Ask all that the filter shows, or none of them; one document stays.
  choose(on) {
    const shown = this.documents.filter((document) => !this.rows.get(document.id).row.hidden);
    for (const document of shown) {
      if (on) this.off.delete(document.id);
      else this.off.add(document.id);
    }
    if (this.off.size === this.documents.length) {
      this.off.delete((shown[0] ?? this.documents[0]).id);
      this.tell(words().one);
    }
    this.ticks();
  }

  only(document) {
    this.off = new Set(this.documents.map((other) => other.id).filter((id) => id !== document.id));
    this.ticks();
  }

  ticks() {
    this.rows.forEach(({ box }, id) => { box.checked = !this.off.has(id); });
    this.scope();
  }

  filter() {
    const w = words();
    const wanted = fold(this.find.value);
    let shown = 0;
    for (const document of this.documents) {
      const text = fold([...Object.values(document.titles), document.name].join(" "));
      const { row } = this.rows.get(document.id);
      row.hidden = !text.includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    const message = this.failed ? w.broken : !this.documents.length ? w.empty : shown ? "" : w.nothing;
    this.message.textContent = message;
    this.message.hidden = !message;
  }

  expand(document) {
    const { more, detail } = this.rows.get(document.id);
    const open = !this.open.has(document.id);
    if (open) this.open.add(document.id);
    else this.open.delete(document.id);
    more.setAttribute("aria-expanded", String(open));
    detail.hidden = !open;
    if (open) this.fill(document);
  }

  async fill(document) {
    const { detail } = this.rows.get(document.id);
    if (!this.covers.has(document.id)) {
      detail.replaceChildren(make("p", { class: "cb-lib-message" }, words().loading));
      try {
        const reply = await fetch(address(`/${encodeURIComponent(document.id)}`));
        const told = await reply.json();
        if (!reply.ok) throw new Error(told.error);
        this.covers.set(document.id, told);
      } catch (error) {
        detail.replaceChildren(make("p", { class: "cb-lib-message" }, error.message || words().broken));
        return;
      }
    }
    this.detail(document, this.covers.get(document.id), detail);
  }

  detail(document, covered, detail) {
    const w = words();
    const edition = { none: w.none_edition, unofficial: w.unofficial, machine: w.machine(covered.model) }[covered.edition];
    const length = [w.pages(number(covered.pages)), covered.passages != null && w.passages(number(covered.passages))];
    const facts = [
      [w.language, language(covered.lang)],
      [w.length, length.filter(Boolean).join(" · ")],
      [w.date, covered.as_of && date(covered.as_of)],
      [w.edition, edition],
      [w.format, covered.kept ? covered.format.toUpperCase() : w.builtin],
      [w.file, covered.name],
      [w.source, covered.source],
      [w.licence, covered.licence],
      [w.added, covered.added && day(covered.added)],
      [w.changed, covered.changed !== covered.added && day(covered.changed)],
    ].filter(([, value]) => value);
    const list = make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", { dir: "auto" }, value)]));
    const parts = [list];
    if (covered.sections.length) {
      const top = Math.min(...covered.sections.map((section) => section.level));
      const items = covered.sections.map((section) => this.section(document, section, section.level - top + 1));
      const rest = covered.sections_total - items.length;
      if (rest > 0) items.push(make("li", { class: "cb-rest" }, w.rest(number(rest))));
      parts.push(make("h3", {}, w.sections), make("ul", { class: "cb-sections" }, ...items));
    }
    if (covered.warnings.length) {
      parts.push(make("h3", {}, w.warnings), make("ul", { class: "cb-warnings", lang: lang() }, ...covered.warnings.map((text) => make("li", {}, text))));
    }
    const actions = make("div", { class: "cb-lib-actions" },
      make("button", { type: "button", class: "cb-quiet", onclick: (event) => this.read(document, event.currentTarget) }, w.open));
    if (this.documents.length > 1) actions.append(make("button", { type: "button", class: "cb-quiet", onclick: () => this.only(document) }, w.only));
    if (covered.removable && this.may) {
      actions.append(make("button", { type: "button", class: "cb-quiet cb-remove", onclick: () => this.confirm(document) }, w.remove));
    }
    detail.replaceChildren(...parts, actions);
  }

  section(document, section, level) {
    const title = section.titles[lang()] || Object.values(section.titles)[0];
    const link = make("a", { href: "#cb-reader", onclick: (event) => {
      event.preventDefault();
      this.read(document, link, section);
    } }, make("span", { dir: "auto" }, title), make("span", { class: "cb-section-page" }, words().page(number(section.page))));
    return make("li", { "data-level": String(Math.min(level, 3)) }, link);
  }

  read(of, from, section) {
    const detail = { document: of.id, passage: null, section: section?.id ?? null, page: section?.page ?? null, lang: lang(), from };
    document.dispatchEvent(new CustomEvent("cb:open-citation", { detail }));
  }

  confirm(document) {
    const w = words();
    const title = titleOf(document);
    const dialog = make("dialog", { class: "cb-confirm", lang: lang(), "aria-labelledby": "cb-confirm-title" },
      make("form", { method: "dialog" },
        make("h2", { id: "cb-confirm-title" }, w.sure), make("p", { class: "cb-confirm-name", dir: "auto" }, title), make("p", {}, w.consequence),
        make("div", { class: "cb-lib-actions" },
          make("button", { value: "no", class: "cb-quiet", autofocus: true }, w.cancel), make("button", { value: "yes", class: "cb-danger" }, w.remove))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue === "yes") {
        this.upload.focus();
        this.jobs.remove({ id: document.id, title });
      } else this.rows.get(document.id)?.detail.querySelector(".cb-remove")?.focus();
    });
    globalThis.document.body.append(dialog);
    dialog.showModal();
  }

  async ended(job) {
    if (job.state === "removed") this.open.delete(job.document);
    await this.load();
    document.dispatchEvent(new CustomEvent("cb:library-changed"));
  }

  // A line for all to see, and to hear; it goes by itself.
  tell(text) {
    this.message.textContent = text;
    this.message.hidden = false;
    this.say(text);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.filter(), 5000);
  }

  say(text) {
    this.live.append(make("p", {}, text));
    while (this.live.children.length > 6) this.live.firstChild.remove();
  }
}

const fold = (text) => text.normalize("NFC").toLocaleLowerCase().trim();
const titleOf = (document) => document.titles[lang()] || Object.values(document.titles)[0] || document.name || document.id;

function stored() {
  try {
    const ids = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

function store(ids) {
  try {
    localStorage.setItem(KEY, JSON.stringify(ids));
  } catch { /* private mode */ }
}
