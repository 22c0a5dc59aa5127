// Asks for news each second and shows it; message bodies arrive as finished HTML.

const PERIOD = 1000; // milliseconds between two questions
const GROUPED = 5 * 60 * 1000; // milliseconds within which messages share one byline
const SHOWN = 300; // messages drawn per channel
const FOLDED = 220; // pixels above which a text is folded, and to which

const $ = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", month: "long", day: "numeric" });

const state = { epoch: null, channels: [], messages: [], living: [], commands: [], refusals: [], refused: 0, read: {}, current: null };

function choose(name) {
  state.current = name;
  draw();
  toEnd();
  document.querySelector("nav [aria-current=true]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

// --- drawing -----------------------------------------------------------------------------------------------------

function draw() {
  const refused = state.current === "!refused";
  $("title").textContent = refused ? "Refused" : state.current ? `# ${state.current}` : "Waiting for the first message";
  $("log").replaceChildren();
  previous = null;
  if (refused) state.refusals.forEach(showRefusal);
  else shownHere().slice(-SHOWN).forEach(showMessage);
  drawSides();
}

const shownHere = () =>
  [...state.messages, ...state.living]
    .filter((message) => message.channel === state.current)
    .sort((one, other) => one.received_at.localeCompare(other.received_at));

function drawSides() {
  $("command").hidden = !state.commands.includes(state.current);
  const here = shownHere();
  if (state.current && !document.hidden) state.read[state.current] = here.at(-1)?.number ?? 0;
  $("subtitle").textContent =
    state.current === "!refused" ? "what a sender got an error for" : here.length ? count(here.length, "message") : "";
  $("channels").replaceChildren(...state.channels.map(channelLink));
  $("refused-link").setAttribute("aria-current", String(state.current === "!refused"));
  $("refused-count").hidden = !state.refused;
  $("refused-count").textContent = state.refused;
  const unread = state.channels.reduce((sum, name) => sum + unreadIn(name), 0);
  document.title = `${unread ? `(${unread}) ` : ""}${$("title").textContent}`;
}

const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
const unreadIn = (name) =>
  state.messages.filter((message) => message.channel === name && message.number > (state.read[name] ?? 0)).length;

function channelLink(name) {
  const item = document.createElement("li");
  const link = item.appendChild(document.createElement("a"));
  const unread = unreadIn(name);
  link.href = `#${name}`;
  link.append(name);
  link.setAttribute("aria-current", String(name === state.current));
  link.classList.toggle("unread", unread > 0);
  if (unread) link.appendChild(document.createElement("b")).textContent = unread;
  return item;
}

let previous = null;

function announceDay(at) {
  if (previous?.toDateString() === at.toDateString()) return;
  const divider = document.createElement("div");
  divider.className = "day";
  const today = new Date().toDateString() === at.toDateString();
  divider.appendChild(document.createElement("span")).textContent = today ? "Today" : day.format(at);
  $("log").append(divider);
  previous = null;
}

function stamp(time, at) {
  time.textContent = clock.format(at);
  time.dateTime = at.toISOString();
  time.title = full.format(at);
}

function showMessage(message) {
  const at = new Date(message.received_at);
  announceDay(at);
  const article = $("message").content.cloneNode(true).firstElementChild;
  article.classList.toggle("continued", previous !== null && at - previous < GROUPED);
  article.querySelector(".whisper").hidden = !message.whisper;
  article.querySelector(".body").innerHTML = message.html; // made and escaped by the server, see render.py
  article.querySelectorAll("button[data-action]").forEach((button) => {
    button.addEventListener("click", () => press(message.ts, button));
  });
  stamp(article.querySelector("time"), at);
  article.querySelector(".gutter").textContent = clock.format(at).replace(/\s?[AP]M$/i, "");
  article.querySelector(".source").addEventListener("click", () => {
    const source = article.querySelector(".json");
    source.textContent ||= JSON.stringify(message.payload, null, 2);
    source.hidden = !source.hidden;
  });
  $("log").append(article);
  article.querySelectorAll(".text:not(.expanded)").forEach(fold);
  previous = at;
}

async function act(what, wish) {
  const body = JSON.stringify(wish);
  const answer = await fetch(`_${what}`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  return answer.ok ? answer.json() : {};
}

async function press(ts, button) {
  button.disabled = true;
  await act("press", { ts, action: button.dataset.action, value: button.dataset.value });
  button.disabled = false;
}

// --- forms and commands ------------------------------------------------------------------------------------------

const form = $("modal").firstElementChild;
const given = () => Object.fromEntries(new FormData(form));

function showModal(modals) {
  const [id, html] = Object.entries(modals).at(-1) ?? [null, ""];
  if (!id) return $("modal").close();
  if (form.dataset.html !== html) {
    const values = form.dataset.view === id ? given() : {};
    form.dataset.view = id;
    form.dataset.html = html;
    form.innerHTML = html; // made and escaped by the server, see modal.py
    Object.entries(values).forEach(([name, value]) => form.elements[name] && (form.elements[name].value = value));
    form.querySelector("[data-close]").addEventListener("click", () => act("close", { view: id }).then(ask));
  }
  if (!$("modal").open) $("modal").showModal();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { errors } = await act("submit", { view: form.dataset.view, values: given() });
  form.querySelectorAll("[data-error]").forEach((place) => (place.textContent = errors?.[place.dataset.error] ?? ""));
  ask();
});
$("modal").addEventListener("cancel", () => act("close", { view: form.dataset.view }));

$("command").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  await act("command", { channel: state.current, text: field.value });
  field.value = "";
  ask();
});

function fold(text) {
  if (text.scrollHeight <= FOLDED * 1.25) return;
  const more = document.createElement("button");
  more.type = "button";
  more.className = "more";
  const set = (folded) => {
    text.classList.toggle("folded", folded);
    more.textContent = folded ? "Show more" : "Show less";
    more.setAttribute("aria-expanded", String(!folded));
  };
  more.addEventListener("click", () => set(!text.classList.contains("folded")));
  set(true);
  text.after(more);
}

function showRefusal(refusal) {
  const at = new Date(refusal.received_at);
  announceDay(at);
  const article = $("refusal").content.cloneNode(true).firstElementChild;
  article.querySelector(".status").textContent = refusal.status ?? "∅";
  article.querySelector("b").textContent = refusal.reason;
  article.querySelector(".where").textContent = `#${refusal.channel}`;
  article.querySelector(".detail").textContent = refusal.detail;
  stamp(article.querySelector("time"), at);
  $("log").append(article);
  previous = at;
}

// --- scrolling ---------------------------------------------------------------------------------------------------

const atEnd = () => $("log").scrollHeight - $("log").scrollTop - $("log").clientHeight < 60;

function toEnd() {
  $("log").scrollTop = $("log").scrollHeight;
  $("newer").hidden = true;
}

$("newer").addEventListener("click", toEnd);
$("log").addEventListener("scroll", () => atEnd() && ($("newer").hidden = true));

// --- news --------------------------------------------------------------------------------------------------------

async function ask() {
  const answer = await fetch(`messages.json?after=${state.messages.at(-1)?.number ?? 0}`);
  if (!answer.ok) throw new Error(answer.statusText);
  const news = await answer.json();
  if (state.epoch !== null && news.epoch !== state.epoch) {
    Object.assign(state, { epoch: null, messages: [], read: {} });
    draw();
    return ask(); // cleared or restarted: begin again from the first message
  }
  state.epoch = news.epoch;
  take(news);
}

function take(news) {
  const follow = atEnd();
  const refusedMore = news.refused !== state.refused;
  Object.assign(state, { channels: news.channels, refusals: news.refusals, refused: news.refused });
  state.messages.push(...news.messages);
  showOutage(news.outage);
  const changed = JSON.stringify(news.living) !== JSON.stringify(state.living);
  Object.assign(state, { living: news.living, commands: news.commands });
  if (changed) draw();
  showModal(news.modals);
  if (state.current === null && state.channels.length) return choose(asked() ?? state.channels[0]);
  const here = news.messages.filter((message) => message.channel === state.current);
  if (state.current === "!refused" && refusedMore) draw();
  here.forEach(showMessage);
  while ($("log").childElementCount > 2 * SHOWN) $("log").firstElementChild.remove();
  drawSides();
  if (follow) toEnd();
  else if (here.length) $("newer").hidden = false;
}

function showOutage(outage) {
  $("outage").hidden = !outage;
  $("outage").textContent = outage === "timeout" ? "Simulated outage: no answer" : `Simulated outage: ${outage}`;
}

function live(yes) {
  $("live").textContent = yes ? "live" : "offline";
  $("live").title = yes ? "New messages appear by themselves" : "Waiting for the server";
  $("live").classList.toggle("yes", yes);
}

async function watch() {
  try {
    await ask();
    live(true);
  } catch {
    live(false);
  }
  setTimeout(watch, PERIOD);
}

// --- address and theme -------------------------------------------------------------------------------------------

const asked = () => decodeURIComponent(location.hash.slice(1)) || null;
addEventListener("hashchange", () => asked() && choose(asked()));
document.addEventListener("visibilitychange", drawSides);

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
root.dataset.theme = localStorage.getItem("theme") ?? (dark.matches ? "dark" : "light");
dark.addEventListener("change", () => localStorage.getItem("theme") || (root.dataset.theme = dark.matches ? "dark" : "light"));
$("theme").addEventListener("click", () => {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});

watch();
