// What the chat page does in the browser: its language, the keyboard, scrolling, copying, cited pages.
(() => {
  const root = document.documentElement;
  const store = {
    get: () => { try { return localStorage.getItem("citebrief-lang"); } catch { return null; } },
    set: (lang) => { try { localStorage.setItem("citebrief-lang", lang); } catch { /* private mode */ } },
  };

  function speak(lang) {
    root.dataset.lang = lang;
    root.lang = lang;
  }
  speak(store.get() || (navigator.language.startsWith("ko") ? "ko" : "en"));

  // A new question goes to the top, so that its answer is read from its beginning.
  let asked = 0;
  new MutationObserver(() => {
    const questions = document.querySelectorAll("#cb-chat .cb-question");
    if (questions.length > asked) {
      requestAnimationFrame(() => questions[questions.length - 1].scrollIntoView({ block: "start" }));
    }
    asked = questions.length;
    // Gradio labels a message with its HTML; without the label, a screen reader reads the text.
    document.querySelectorAll("#cb-chat [data-testid][aria-label]").forEach((message) => {
      message.removeAttribute("aria-label");
    });
  }).observe(root, { childList: true, subtree: true });

  async function copy(link) {
    const answer = link.closest(".cb-answer").cloneNode(true);
    answer.querySelectorAll(".cb-copy, .cb-page, .cb-open").forEach((e) => e.remove());
    link.closest(".cb-answer").before(answer); // innerText needs layout to break lines
    const text = answer.innerText.trim();
    answer.remove();
    await navigator.clipboard.writeText(text);
    link.classList.add("cb-done");
    setTimeout(() => link.classList.remove("cb-done"), 1600);
  }

  // The page that a citation stands on, over the chat: Esc, its button and a click beside it close it.
  async function see(link) {
    const viewer = document.createElement("dialog");
    viewer.className = "cb-viewer";
    viewer.setAttribute("aria-label", link.textContent);
    viewer.innerHTML = '<p class="cb-wait" role="status">…</p>';
    viewer.addEventListener("close", () => {
      viewer.remove();
      link.focus();
    });
    viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
    document.body.append(viewer);
    viewer.showModal();
    try {
      const reply = await fetch(link.href);
      const whole = new DOMParser().parseFromString(await reply.text(), "text/html");
      const main = whole.querySelector("main.cb-view");
      for (const name of ["src", "href"]) { // they are relative to the page that was fetched
        main.querySelectorAll(`[${name}]`).forEach((e) => e.setAttribute(name, new URL(e.getAttribute(name), reply.url)));
      }
      viewer.replaceChildren(main);
    } catch {
      viewer.close();
      window.open(link.href, "_blank", "noopener");
      return;
    }
    viewer.querySelector("button").focus({ preventScroll: true });
    viewer.querySelector(".cb-spot")?.scrollIntoView({ block: "center", inline: "start" });
  }

  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-cb-lang]");
    if (choice) {
      store.set(choice.dataset.cbLang);
      speak(choice.dataset.cbLang);
      return;
    }
    const link = event.target.closest(".cb-copy, .cb-page"); // reader.js has the citations
    if (!link) return;
    if (link.matches(".cb-page") && (event.ctrlKey || event.metaKey || event.shiftKey)) return; // a tab of its own
    event.preventDefault();
    event.stopPropagation();
    if (link.matches(".cb-copy")) copy(link);
    else see(link);
  }, true);

  // The Enter that ends a Hangul syllable does not send the question.
  for (const type of ["keydown", "keypress"]) {
    document.addEventListener(type, (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    }, true);
  }
})();
