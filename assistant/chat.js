// What the chat page does in the browser: its language, the keyboard, scrolling, copying.
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

  function show(id) {
    const target = document.getElementById(id);
    if (!target) return;
    document.querySelectorAll(".cb-shown").forEach((e) => e.classList.remove("cb-shown"));
    target.classList.add("cb-shown");
    target.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  async function copy(link) {
    const answer = link.closest(".cb-answer").cloneNode(true);
    answer.querySelectorAll(".cb-copy").forEach((e) => e.remove());
    link.closest(".cb-answer").before(answer); // innerText needs layout to break lines
    const text = answer.innerText.trim();
    answer.remove();
    await navigator.clipboard.writeText(text);
    link.classList.add("cb-done");
    setTimeout(() => link.classList.remove("cb-done"), 1600);
  }

  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-cb-lang]");
    if (choice) {
      store.set(choice.dataset.cbLang);
      speak(choice.dataset.cbLang);
      return;
    }
    const link = event.target.closest(".cb-marker, .cb-number, .cb-copy");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    if (link.matches(".cb-copy")) copy(link);
    else show(link.hash.slice(1));
  }, true);

  // The Enter that ends a Hangul syllable does not send the question.
  for (const type of ["keydown", "keypress"]) {
    document.addEventListener(type, (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    }, true);
  }
})();
