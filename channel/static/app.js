// The pages work without this file; it adds keys, the light switch, forms that survive, uploads that show how far they are.
"use strict";
(() => {
  const words = document.getElementById("words")?.dataset ?? {};
  const typing = (el) => el.closest("input, select, textarea, [contenteditable]") !== null;
  const go = (url) => { window.location.assign(url); };

  // Light and dark: at once here, kept in the cookie that the server reads for the next page.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-to]");
    if (!button) return;
    event.preventDefault();
    document.documentElement.dataset.theme = button.dataset.themeTo;
    document.cookie = `theme=${button.dataset.themeTo}; path=/; max-age=31536000; samesite=lax`;
  });

  // Rows: j and k move, Enter and a click open.
  const rows = () => [...document.querySelectorAll("table[data-rows] tbody tr, .work > li")].filter((row) => row.offsetParent !== null);
  const move = (by) => {
    const all = rows();
    if (all.length === 0) return;
    const at = all.findIndex((row) => row.classList.contains("at"));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    all[at]?.classList.remove("at");
    next.classList.add("at");
    next.scrollIntoView({ block: "nearest" });
    (next.querySelector("a[href]") ?? next).focus({ preventScroll: true });
  };
  const open = (row) => { const link = row?.querySelector("a[href]"); if (link) go(link.href); };
  document.addEventListener("click", (event) => {
    const row = event.target.closest("table[data-rows] tbody tr");
    if (!row || event.defaultPrevented || event.target.closest("a, button, input, select, label, summary") || String(window.getSelection())) return;
    open(row);
  });

  // Suggestions under the search: arrows walk them.
  const find = document.querySelector("[data-find]");
  const found = document.getElementById("found");
  const walkFound = (by) => {
    const links = [...found.querySelectorAll("a")];
    if (links.length === 0) return false;
    const at = links.indexOf(document.activeElement);
    if (at + by < 0) find.focus(); else links[Math.min(at + by, links.length - 1)].focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (found && event.target.closest(".search") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      if (walkFound(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
      return;
    }
    if (event.key === "Escape") { found?.replaceChildren(); if (event.target === find) find.blur(); document.querySelectorAll("details.menu[open], details.confirm[open]").forEach((each) => { each.open = false; }); return; }
    const chart = event.target.closest("[data-chart]");
    if (chart && (event.key === "ArrowLeft" || event.key === "ArrowRight")) { event.preventDefault(); walkChart(chart, event.key === "ArrowRight" ? 1 : -1); return; }
    if (typing(event.target)) return;
    if (event.key === "/" && find) { event.preventDefault(); find.focus(); find.select(); }
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "Enter" && event.target === document.body) open(document.querySelector("tr.at"));
    else if (event.key === "e") document.querySelector("[data-export]")?.click();
    else if (event.key === "?") document.getElementById("keys")?.showModal();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) document.getElementById("keys")?.showModal();
    document.querySelectorAll("details.menu[open], details.confirm[open]").forEach((each) => { if (!each.contains(event.target)) each.open = false; });
  });

  // Charts: the month under the pointer, or reached by the arrows, is read out above.
  const show = (chart, hit) => {
    chart.querySelectorAll(".hit.at").forEach((each) => each.classList.remove("at"));
    hit.classList.add("at");
    chart.querySelector("[data-month]").textContent = hit.dataset.month;
    chart.querySelectorAll(".readout [data-v]").forEach((place) => { place.textContent = hit.dataset[`v${place.dataset.v}`]; });
  };
  const walkChart = (chart, by) => {
    const hits = [...chart.querySelectorAll(".hit")];
    const at = hits.findIndex((hit) => hit.classList.contains("at"));
    show(chart, hits[Math.min(Math.max((at < 0 ? hits.length : at) + by, 0), hits.length - 1)]);
  };
  document.addEventListener("pointerover", (event) => { if (event.target.classList?.contains("hit")) show(event.target.closest("[data-chart]"), event.target); });

  // A form that was typed and not yet taken survives a lost session: it is kept in this tab until it was sent well.
  const keeps = (form) => form.method === "post" && form.dataset.keep !== "no";
  const kept = (field) => field.name && field.name !== "_csrf_token" && !["password", "file", "hidden", "submit"].includes(field.type);
  const slot = (form) => `form:${window.location.pathname}:${new URL(form.action).pathname}`;
  const read = (form) => [...form.elements].filter(kept).map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? field.checked : field.value]);
  const write = (form, values) => {
    const fields = [...form.elements].filter(kept);
    values.forEach(([name, value], i) => {
      if (fields[i]?.name !== name) return;
      if (typeof value === "boolean") fields[i].checked = value; else fields[i].value = value;
    });
  };
  const forget = (key) => sessionStorage.removeItem(key);
  for (const form of document.forms) {
    if (!keeps(form)) continue;
    const key = slot(form);
    const before = read(form);
    form.addEventListener("input", () => sessionStorage.setItem(key, JSON.stringify({ values: read(form), sent: false })));
    form.addEventListener("submit", () => {
      const values = JSON.stringify(before) === JSON.stringify(read(form)) ? null : read(form);
      if (values) sessionStorage.setItem(key, JSON.stringify({ values, sent: true }));
    });
    const stored = sessionStorage.getItem(key);
    if (!stored) continue;
    const { values, sent } = JSON.parse(stored);
    const refused = document.querySelector("#said [role=alert]") !== null;
    const done = document.querySelector("#said [role=status]") !== null;
    // Sent and answered with a word of success, or given back by the server itself: nothing to restore.
    if ((sent && done) || refused) { forget(key); continue; }
    if (JSON.stringify(values) === JSON.stringify(before)) { forget(key); continue; }
    write(form, values);
    const told = document.createElement("div");
    told.className = "notice good";
    told.textContent = words.restored ?? "";
    const discard = document.createElement("button");
    discard.type = "button";
    discard.textContent = words.forget ?? "";
    discard.addEventListener("click", () => { forget(key); write(form, before); told.remove(); });
    told.append(discard);
    form.prepend(told);
  }
  // An act that went through leads to another page; what was typed for it is then no longer needed.
  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith("form:") || key.startsWith(`form:${window.location.pathname}:`)) continue;
    const { sent } = JSON.parse(sessionStorage.getItem(key));
    if (sent && document.querySelector(".frame:not(.alone)")) forget(key);
  }

  // Files: dropped on the field or chosen; the upload shows how far it is and then goes where the server says.
  document.querySelectorAll("[data-drop]").forEach((zone) => {
    const input = zone.querySelector("input[type=file]");
    const mark = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
    zone.addEventListener("dragover", mark(true));
    zone.addEventListener("dragleave", mark(false));
    zone.addEventListener("drop", (event) => { mark(false)(event); if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.dispatchEvent(new Event("change", { bubbles: true })); } });
  });
  document.querySelectorAll("form[data-upload]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const bar = form.querySelector("progress");
      const buttons = form.querySelectorAll("button");
      const leaving = (leave) => { leave.preventDefault(); return words.leave; };
      const settle = () => { window.removeEventListener("beforeunload", leaving); buttons.forEach((each) => { each.disabled = false; }); };
      const request = new XMLHttpRequest();
      const data = new FormData(form, event.submitter);
      bar.hidden = false;
      buttons.forEach((each) => { each.disabled = true; });
      window.addEventListener("beforeunload", leaving);
      request.upload.addEventListener("progress", (sent) => { if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total; });
      request.addEventListener("load", () => {
        settle();
        if (request.status < 400 && request.responseURL && new URL(request.responseURL).pathname !== new URL(form.action).pathname) { go(request.responseURL); return; }
        // Refused: the server gave the same page back with its reasons; only the main part is taken over.
        const answer = new DOMParser().parseFromString(request.responseText, "text/html").getElementById("main");
        if (answer) { document.getElementById("main").replaceWith(answer); window.htmx?.process(answer); }
        bar.hidden = true;
      });
      request.addEventListener("error", () => { settle(); bar.hidden = true; const told = document.createElement("div"); told.className = "notice bad"; told.setAttribute("role", "alert"); told.textContent = words.offline ?? ""; document.getElementById("said").replaceChildren(told); });
      request.open("POST", form.action);
      request.send(data);
    });
  });
})();
