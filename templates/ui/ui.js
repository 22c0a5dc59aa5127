/* The pages work without this script. It keeps them up to date, and adds keys, copying and a preview while typing. */
"use strict";

const REFRESH = 15_000, CLOCK = 20_000, READING = 8_000, TYPING = 500, TWICE = 3_000;
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (tag, attributes = {}, text = "") => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
};

/* --- times: how long ago, as the minutes go by, and what the reader's own clock said */

const UNITS = [[86_400, "d"], [3_600, "h"], [60, "min"]];
const inWords = (seconds) => {
  for (const [index, [size, unit]] of UNITS.entries()) {
    if (seconds < size) continue;
    const whole = Math.floor(seconds / size), next = UNITS[index + 1];
    const rest = next ? Math.floor((seconds % size) / next[0]) : 0;
    return `${whole} ${unit}${rest ? ` ${rest} ${next[1]}` : ""}`;
  }
  return "";
};
const relative = (moment) => {
  const seconds = Math.round((Date.now() - moment) / 1000), words = inWords(Math.abs(seconds));
  return !words ? "just now" : seconds < 0 ? `in ${words}` : `${words} ago`;
};
const tick = (within = document) => {
  for (const each of all("time[data-ago]", within)) {
    const moment = new Date(each.dateTime);
    const text = each.dataset.ago.replace("%", relative(moment));
    if (each.textContent !== text) each.textContent = text;
  }
  for (const each of all("time[datetime]", within)) {
    if (!each.dataset.local) {
      each.dataset.local = "yes";
      each.title = `${each.title} = ${new Date(each.dateTime).toLocaleString(undefined, { timeZoneName: "short" })}`;
    }
  }
};

/* --- refresh: what has changed, in place, so that nothing moves that is being read */

let pausedByHand = false, lastTouched = 0;
const content = () => one("main");
const isReading = () => document.hidden || pausedByHand || Date.now() - lastTouched < READING
  || one("dialog[open], main details.act[open], main details.more[open]") || one("main [name=of]:checked")
  || document.activeElement?.matches("main input, main select, main textarea") || String(getSelection()).length > 0;
/* What differs between two versions of a part, apart from what time and this script do to it. */
const comparable = (element, { rows = true } = {}) => {
  const copy = element.cloneNode(true);
  for (const each of all("time", copy)) { each.textContent = ""; each.removeAttribute("title"); each.removeAttribute("data-local"); }
  for (const each of all(".copy", copy)) each.remove();
  for (const each of all("details", copy)) each.open = false;
  for (const each of all("[data-all]", copy)) each.hidden = true;
  if (!rows) one("[data-list]", copy)?.replaceChildren();
  copy.classList.remove("here", "new");
  return copy.outerHTML;
};
const anchor = () => {
  const row = all("[data-key]").find((each) => each.getBoundingClientRect().bottom > 0);
  return row && { key: row.dataset.key, top: row.getBoundingClientRect().top };
};
const mergeList = (list, fresh) => {
  const known = new Map(all(":scope > [data-key]", list).map((each) => [each.dataset.key, each]));
  const rows = all(":scope > [data-key]", fresh).map((row) => {
    const old = known.get(row.dataset.key);
    if (old && comparable(old) === comparable(row)) return old;
    if (!old) row.classList.add("new");
    else if (old.classList.contains("here")) row.classList.add("here");
    return row;
  });
  list.replaceChildren(...rows);
};
const merge = (before, after) => {
  const list = one("[data-list]", before), fresh = one("[data-list]", after), isList = list && fresh;
  const top = scrollY, row = top > 0 && anchor();
  if (isList) mergeList(list, fresh);
  if (comparable(before, { rows: !isList }) !== comparable(after, { rows: !isList })) {
    if (isList) fresh.replaceWith(list);
    before.replaceChildren(...after.childNodes);
    scrollTo(0, top);
  }
  const same = row && all("[data-key]").find((each) => each.dataset.key === row.key);
  if (same) scrollBy(0, same.getBoundingClientRect().top - row.top);
};
const fetched = async (address, options = {}) => {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  if (answer.redirected) { location.reload(); return null; }
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
};
const refresh = async () => {
  if (isReading()) return say("Updates pause while you read");
  try {
    const fresh = await fetched(location.href, { cache: "no-cache" });
    if (!fresh || isReading()) return;
    merge(content(), one("main", fresh));
    document.title = fresh.title;
    const icon = one("link[rel=icon]"), next = one("link[rel=icon]", fresh);
    if (icon.getAttribute("href") !== next.getAttribute("href")) icon.replaceWith(next);
    one(".foot time")?.replaceWith(one(".foot time", fresh));
    say("Updates by itself");
    furnish();
  } catch { say("No connection to the hub"); }
};

/* --- what each page gets, and again whatever was replaced */

const say = (text) => { const place = one("[data-state]"); if (place && place.textContent !== text) place.textContent = text; };
const furnish = () => {
  tick();
  for (const pre of all("pre[data-copy]")) {
    if (pre.previousElementSibling?.matches(".copy") || !navigator.clipboard) continue;
    const button = make("button", { type: "button", class: "copy" }, "Copy");
    button.addEventListener("click", async () => { await navigator.clipboard.writeText(pre.textContent); button.textContent = "Copied"; });
    pre.before(button);
  }
  for (const label of all("[data-all]")) label.hidden = false;
  count();
};
const ticks = () => all("main input[type=checkbox][name=of]");
const count = () => {
  const chosen = ticks().filter((each) => each.checked).length, place = one("[data-selected]");
  if (place) place.textContent = chosen ? `(${chosen})` : "";
  for (const each of all("[data-all] input")) { each.checked = chosen > 0 && chosen === ticks().length; each.indeterminate = chosen > 0 && !each.checked; }
};

addEventListener("change", ({ target }) => {
  if (target.closest("[data-all]")) for (const each of ticks()) each.checked = target.checked;
  if (target.matches("[type=checkbox]")) count();
});
addEventListener("submit", (event) => {
  const { target } = event;
  if (target.dataset.sent) return event.preventDefault();
  if (target.getAttribute("method") === "post") { target.dataset.sent = "yes"; setTimeout(() => delete target.dataset.sent, TWICE); }
  if (target.getAttribute("method") === "get") for (const each of all("input, select", target)) if (!each.value) each.disabled = true;
});
addEventListener("pageshow", ({ persisted }) => {
  /* A page that Back brings from memory may be old, and its session over. */
  if (persisted) { lastTouched = 0; content().hasAttribute("data-refresh") ? refresh() : fetched(location.href).catch(() => {}); }
  for (const each of all("form[data-sent]")) delete each.dataset.sent;
  for (const each of all("form[method=get] :disabled")) each.disabled = false;
});
addEventListener("click", ({ target }) => {
  for (const each of all("details.more[open], details.act[open]")) if (!each.contains(target)) each.open = false;
});
for (const name of ["scroll", "pointerdown", "keydown"]) addEventListener(name, () => { lastTouched = Date.now(); }, { passive: true });

/* --- the preview of a silence, while its form is filled in */

let typing = 0;
addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-preview]");
  if (!form) return;
  clearTimeout(typing);
  typing = setTimeout(async () => {
    const body = new URLSearchParams([...new FormData(form), ["action", "preview"]]);
    const fresh = await fetched(form.getAttribute("action"), { method: "POST", body }).catch(() => null);
    const shown = fresh && one("[data-preview-result]", fresh);
    if (shown) { one("[data-preview-result]").replaceChildren(...shown.childNodes); tick(); }
  }, TYPING);
});

/* --- keys */

const KEYS = [["j, k", "next, previous"], ["Enter, o", "open it"], ["x", "select it"], ["a", "acknowledge (Enter confirms)"], ["s", "silence (Enter confirms)"], ["/", "search"], ["?", "these keys"]];
const OFF = "keys-off";
const here = () => one("[data-key].here");
const move = (step) => {
  const rows = all("[data-list] > [data-key]"), next = rows[Math.min(Math.max(rows.indexOf(here()) + step, 0), rows.length - 1)];
  if (!next) return;
  here()?.classList.remove("here");
  next.classList.add("here");
  next.scrollIntoView({ block: "nearest" });
  one("[data-open]", next)?.focus({ preventScroll: true });
};
const act = (action) => {
  const button = one(`main button[name=action][value=${action}]`), box = here() && one("[name=of]", here());
  if (!button) return;
  if (box && !ticks().some((each) => each.checked)) { box.checked = true; count(); }
  const menu = button.closest("details");
  if (menu) menu.open = true;
  button.focus();
};
const help = () => {
  const dialog = make("dialog", { "aria-labelledby": "keys" }), list = make("dl", { class: "keys" }), off = make("label", { class: "tick" }), box = make("input", { type: "checkbox" });
  for (const [key, what] of KEYS) list.append(make("dt", {}, key), make("dd", {}, what));
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  off.append(box, " Keys are on");
  const close = make("button", { type: "button" }, "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.append(make("h2", { id: "keys" }, "Keys"), list, off, close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};
const ACTIONS = {
  j: () => move(1), k: () => move(-1), o: () => here() && one("[data-open]", here())?.click(),
  x: () => { const box = here() && one("[name=of]", here()); if (box) { box.checked = !box.checked; count(); } },
  a: () => act("acknowledge"), s: () => act("silence"), "/": () => one("[data-search]")?.focus(), "?": help,
};
addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const each of all("main details[open].more, main details[open].act")) each.open = false;
  const isTyping = event.target.matches("input:not([type=checkbox]), select, textarea") || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]");
  if (isTyping || (localStorage.getItem(OFF) && event.key !== "?") || !ACTIONS[event.key]) return;
  event.preventDefault();
  ACTIONS[event.key]();
});

/* --- begin */

furnish();
/* Whoever fills in a time means their own clock. */
for (const zone of all("input[name=zone]")) if (zone.value === "UTC") zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
setInterval(tick, CLOCK);
const controls = one("[data-controls]");
if (controls && content().hasAttribute("data-refresh")) {
  const button = make("button", { type: "button", class: "link" }, "Pause");
  button.addEventListener("click", () => {
    pausedByHand = !pausedByHand;
    button.textContent = pausedByHand ? "Resume" : "Pause";
    say(pausedByHand ? "Updates are paused" : "Updates by itself");
    if (!pausedByHand) refresh();
  });
  controls.append(make("span", { "data-state": "" }, "Updates by itself"), " ", button);
  setInterval(refresh, REFRESH);
  addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
}
if (controls && one("[data-list], [data-search]")) {
  const button = make("button", { type: "button", class: "link" }, "Keys: ?");
  button.addEventListener("click", help);
  controls.append(" ", button);
}
