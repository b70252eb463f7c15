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

  // Keys of a page: what says `data-key` is pressed by it, a part of a form is entered. Escape leaves a field for them.
  const pressKey = (event) => {
    const keyed = document.querySelector(`[data-key="${event.key}"]`);
    if (!keyed) return;
    event.preventDefault();
    if (keyed.matches("button, a, input")) keyed.click(); else keyed.querySelector("input, select, textarea")?.focus();
  };

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
    if (event.key === "Escape") { found?.replaceChildren(); if (event.target === find || (typing(event.target) && document.querySelector("[data-key]"))) event.target.blur(); document.querySelectorAll("details.menu[open], details.confirm[open]").forEach((each) => { each.open = false; }); return; }
    const chart = event.target.closest("[data-chart]");
    if (chart && (event.key === "ArrowLeft" || event.key === "ArrowRight")) { event.preventDefault(); walkChart(chart, event.key === "ArrowRight" ? 1 : -1); return; }
    if (typing(event.target)) return;
    if (event.key === "/" && find) { event.preventDefault(); find.focus(); find.select(); }
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "Enter" && event.target === document.body) { const button = document.querySelector("[data-enter]"); if (button) button.click(); else open(document.querySelector("tr.at")); }
    else if (event.key === "e") document.querySelector("[data-export]")?.click();
    else if (event.key === "?") document.getElementById("keys")?.showModal();
    else if (/^[a-z1-9]$/.test(event.key)) pressKey(event);
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

  // Exploring: the big charting script is fetched only when somebody asks for it. It needs neither eval nor styles.
  const script = (url) => new Promise((loaded, failed) => {
    if (window.vegaEmbed) { loaded(); return; }
    const tag = document.createElement("script");
    tag.src = url;
    tag.addEventListener("load", loaded);
    tag.addEventListener("error", failed);
    document.head.append(tag);
  });
  const token = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
  const explore = async (button) => {
    const chart = button.closest("[data-chart]");
    const place = chart.querySelector(".explored");
    const plain = [chart.querySelector(".plot"), chart.querySelector(".readout")];
    const back = button.textContent;
    button.disabled = true;
    try { await script(button.dataset.explore); } finally { button.disabled = false; }
    const spec = JSON.parse(button.dataset.chartOf);
    const colours = spec.encoding.color.scale;
    const known = ["--sell-in", "--sell-through", "--stock", "--accent", "--good", "--warn", "--bad"];
    colours.range = colours.range.map((name) => token(known.includes(name) ? name : "--stock"));
    const ink = token("--ink-2"), line = token("--line"), font = getComputedStyle(document.body).fontFamily;
    spec.config = {
      background: null, font, view: { stroke: null },
      axis: { labelColor: ink, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 11 },
      legend: { labelColor: ink, labelFontSize: 12 },
    };
    const drawn = document.createElement("div");
    drawn.className = "drawn";
    const hint = document.createElement("p");
    hint.className = "small muted";
    hint.textContent = words.explore ?? "";
    place.replaceChildren(drawn, hint);
    place.hidden = false;
    plain.forEach((each) => { each.hidden = true; });
    await window.vegaEmbed(drawn, spec, { ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true } });
    button.textContent = words.unexplore ?? back;
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      place.hidden = true;
      place.replaceChildren();
      plain.forEach((each) => { each.hidden = false; });
      button.textContent = back;
    }, { once: true });
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-explore]");
    if (button && button.closest("[data-chart]")) explore(button);
  });

  // A form that was typed and not yet taken survives a lost session: it is kept in this tab until it was sent well.
  const keeps = (form) => form.method === "post" && form.dataset.keep !== "no";
  const kept = (field) => field.name === "opened" || (field.name && !["password", "file", "hidden", "submit"].includes(field.type));
  const slot = (form) => `form:${window.location.pathname}:${new URL(form.action).pathname}`;
  const boxes = ["checkbox", "radio"];
  const read = (form) => [...form.elements].filter(kept).map((field) => [field.name, boxes.includes(field.type) ? field.checked : field.value]);
  const write = (form, values) => {
    const fields = [...form.elements].filter(kept);
    values.forEach(([name, value], i) => {
      if (fields[i]?.name !== name) return;
      if (typeof value === "boolean") fields[i].checked = value; else fields[i].value = value;
    });
  };
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const forget = (key) => sessionStorage.removeItem(key);
  // A page that answers what was sent has it in its form: shown before it is done, or refused.
  const answers = document.body.dataset.answer !== undefined;
  const keepForm = (form) => {
    const key = slot(form);
    const before = read(form);
    const keep = (sent) => { if (answers || !same(before, read(form))) sessionStorage.setItem(key, JSON.stringify({ values: read(form), sent })); };
    form.addEventListener("input", () => keep(false));
    form.addEventListener("submit", () => keep(true));
    const stored = sessionStorage.getItem(key);
    if (!stored) return;
    const { values, sent } = JSON.parse(stored);
    // Given back by the server itself, or sent and answered with word of success: there is nothing to restore.
    const answered = document.querySelector("#said [role=alert]") !== null || (sent && (answers || document.querySelector("#said [role=status]") !== null));
    if (answered || same(values, before)) { forget(key); return; }
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
  };
  // An act that went through leads to another page of somebody signed in, or to what is shown this once; what was typed
  // for it is no longer needed.
  const once = document.querySelector(".secret") !== null;
  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith("form:") || (!once && key.startsWith(`form:${window.location.pathname}:`))) continue;
    if (JSON.parse(sessionStorage.getItem(key)).sent && document.querySelector(".frame:not(.alone)")) forget(key);
  }

  // A field that the browser wants filled lies in sight before it is pointed at; in a closed part nothing would be said.
  const unfold = (part) => {
    for (let at = part.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    const sheet = part.closest("[data-fold]");
    if (sheet) fold(sheet, true);
  };
  document.addEventListener("invalid", (event) => unfold(event.target), true);

  // Files: dropped on the field or chosen; the upload shows how far it is and then goes where the server says.
  const takeDrops = (zone) => {
    const input = zone.querySelector("input[type=file]");
    const mark = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
    zone.addEventListener("dragover", mark(true));
    zone.addEventListener("dragleave", mark(false));
    zone.addEventListener("drop", (event) => {
      mark(false)(event);
      if (event.dataTransfer.files.length === 0) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  };
  const say = (text) => {
    const told = document.createElement("div");
    told.className = "notice bad";
    told.setAttribute("role", "alert");
    told.textContent = text ?? "";
    document.getElementById("said").replaceChildren(told);
  };
  const upload = (form, submitter) => {
    const bar = form.querySelector("progress");
    const buttons = [...form.querySelectorAll("button")];
    const leaving = (leave) => { leave.preventDefault(); };
    const request = new XMLHttpRequest();
    const data = new FormData(form, submitter);
    const settle = () => {
      window.removeEventListener("beforeunload", leaving);
      buttons.forEach((each) => { each.disabled = false; });
      bar.hidden = true;
    };
    bar.value = 0;
    bar.hidden = false;
    buttons.forEach((each) => { each.disabled = true; });
    window.addEventListener("beforeunload", leaving);
    request.upload.addEventListener("progress", (sent) => { if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total; });
    request.addEventListener("load", () => {
      settle();
      if (request.status < 400 && request.responseURL !== form.action) { go(request.responseURL); return; }
      // Refused: the server gave the page back with its reasons; only the main part is taken over.
      const answer = new DOMParser().parseFromString(request.responseText, "text/html").getElementById("main");
      if (!answer) { say(words.offline); return; }
      document.getElementById("main").replaceWith(answer);
      window.htmx?.process(answer);
      ready(answer);
    });
    request.addEventListener("error", () => { settle(); say(words.offline); });
    request.open("POST", form.action);
    // With the token in a header the server need not take the whole file in to find it.
    request.setRequestHeader("x-csrftoken", data.get("_csrf_token") ?? "");
    request.send(data);
  };

  // On a phone the rooms stand in a row that is wider than the screen: the present one is brought into sight.
  const here = document.querySelector(".rooms [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;

  // On a phone sheets are closed until their head is touched; who comes for what lies in one finds it open.
  const fold = (sheet, open) => {
    sheet.classList.toggle("unfolded", open);
    sheet.querySelector(".fold").setAttribute("aria-expanded", String(open));
  };
  document.addEventListener("click", (event) => {
    const head = event.target.closest("[data-fold] > header");
    if (!head || event.target.closest("a") || head.querySelector(".fold").offsetParent === null) return;
    fold(head.parentElement, !head.parentElement.classList.contains("unfolded"));
  });
  const unfoldAsked = () => {
    const target = window.location.hash.length > 1 && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    const sheet = target && target.closest("[data-fold]");
    if (!sheet) return;
    fold(sheet, true);
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", unfoldAsked);
  unfoldAsked();
  // Of what was refused something lies in sight: where every field that is marked is in a closed part, the first is opened.
  const refused = [...document.querySelectorAll("[aria-invalid='true']")];
  if (refused.length && refused.every((field) => field.closest("details:not([open])"))) unfold(refused[0]);

  // A table that fits its sheet keeps its header in sight; a wider one scrolls in the sheet, header and all.
  const fit = (box) => {
    box.classList.remove("fits");
    box.classList.toggle("fits", box.scrollWidth <= box.clientWidth);
  };
  const widths = new ResizeObserver((seen) => seen.forEach((one) => fit(one.target)));

  const ready = (part) => {
    part.querySelectorAll(".scroll").forEach((box) => widths.observe(box));
    part.querySelectorAll("form").forEach((form) => {
      if (keeps(form)) keepForm(form);
      if ("upload" in form.dataset) form.addEventListener("submit", (event) => { event.preventDefault(); upload(form, event.submitter); });
    });
    part.querySelectorAll("[data-drop]").forEach(takeDrops);
  };
  ready(document);
  document.addEventListener("htmx:afterSwap", (event) => ready(event.detail.elt));

  // What was refused stays told until the same part of the page is answered.
  let unanswered = null;
  document.addEventListener("htmx:afterRequest", (event) => {
    const asking = event.detail.requestConfig?.elt ?? event.detail.elt;
    if (!event.detail.successful) unanswered = asking;
    else if (asking === unanswered) { unanswered = null; document.getElementById("said")?.replaceChildren(); }
  });
})();
