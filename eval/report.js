// The page of eval.report: the language switch, the filters, and links to a question.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  const speak = (lang) => {
    root.lang = lang;
    document.title = lang === "ko" ? root.dataset.titleKo : root.dataset.titleEn;
    for (const button of document.querySelectorAll("[data-speak]")) {
      button.setAttribute("aria-pressed", String(button.dataset.speak === lang));
    }
    for (const element of document.querySelectorAll("[data-ko]")) {
      if (element.tagName === "INPUT") element.placeholder = element.dataset[lang];
      else element.textContent = element.dataset[lang];
    }
  };
  for (const button of document.querySelectorAll("[data-speak]")) {
    button.addEventListener("click", () => speak(button.dataset.speak));
  }

  // Printing opens what is shown, and puts it back.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll(".card:not([hidden]) details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });

  const form = document.getElementById("filters");
  if (!form) return;
  const plain = (text) => text.normalize("NFC").toLowerCase().replace(/\s+/g, " ");
  const cards = [...document.querySelectorAll(".card")].map((element) => ({
    element,
    codes: element.dataset.codes.split(" ").filter(Boolean),
    text: plain([...element.querySelectorAll(".u")].map((e) => e.textContent).join(" \n ")),
  }));

  const filter = () => {
    const { show, lang, kind, code, text } = form.elements;
    const words = plain(text.value).split(" ").filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const failed = card.codes.length > 0;
      const fits =
        (!show.value || failed === (show.value === "failed")) &&
        (!lang.value || card.element.dataset.lang === lang.value) &&
        (!kind.value || card.element.dataset.kind === kind.value) &&
        (!code.value || card.codes.includes(code.value)) &&
        words.every((word) => card.text.includes(word));
      card.element.hidden = !fits;
      shown += fits;
    }
    for (const counter of document.querySelectorAll("#count .counter")) counter.textContent = shown;
    document.getElementById("none").hidden = shown > 0;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  for (const button of form.querySelectorAll("[data-open]")) {
    button.addEventListener("click", () => {
      for (const { element } of cards) {
        if (!element.hidden) element.querySelector("details").open = Boolean(button.dataset.open);
      }
    });
  }

  // A link to a question opens it, whatever the filters say.
  const follow = () => {
    let id;
    try {
      id = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const card = document.getElementById(id);
    if (!card || !card.classList.contains("card")) return;
    if (card.hidden) {
      form.reset();
      form.elements.show.value = "";
      filter();
    }
    card.querySelector("details").open = true;
    card.scrollIntoView();
  };
  if (!cards.some((card) => card.codes.length)) form.elements.show.value = "";
  filter();
  follow();
  addEventListener("hashchange", follow);
})();
