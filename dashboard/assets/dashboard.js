// What a page does once it is open: it hears what has changed, and takes the parts that are another from the server's own page.
// Everything works without it, and is then as old as the page.

const connection = document.getElementById("connection");
const said = { connecting: "connecting", live: "live", lost: "connection lost, trying again" };

function show(state) {
  if (!connection || connection.dataset.state === state) return;
  connection.dataset.state = state;
  connection.textContent = said[state];
  document.body.classList.toggle("outdated", state === "lost");
}

/* Times, as how long ago. */

const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
];

function ago(seconds) {
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? [];
  return unit ? `${Math.floor(seconds / size)} ${unit} ago` : "just now";
}

function tellTimes() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    time.textContent = ago((Date.now() - Date.parse(time.dateTime)) / 1_000);
  }
}

/* Parts of a page. */

/** What somebody is about to decide on must not become another thing under their finger: they are told, and read it again. */
function keptForReader(before, after) {
  const read = before.dataset.diff;
  if (!read || read === after.dataset.diff) return false;
  for (const button of before.querySelectorAll("button, input")) button.disabled = true;
  const why = after.dataset.why || "What would change in production is not what you see here any more.";
  const notice = before.querySelector("[data-notice]");
  if (notice && notice.dataset.told !== why) {
    notice.dataset.told = why;
    notice.hidden = false;
    notice.querySelector("[data-text]").textContent = why;
  }
  return true;
}

/* What grows at its end, such as a log, is shown by its end, unless somebody has gone up to read. */

const atEnd = () =>
  new Map(
    [...document.querySelectorAll("[data-end]")].map((log) => [
      log.id,
      { top: log.scrollTop, end: log.scrollHeight - log.scrollTop - log.clientHeight < 20 },
    ]),
  );

function followEnds(before = new Map()) {
  for (const log of document.querySelectorAll("[data-end]")) {
    const { top, end } = before.get(log.id) ?? { top: 0, end: true };
    log.scrollTop = end ? log.scrollHeight : top;
  }
}

function replaceParts(page) {
  const ends = atEnd();
  for (const before of document.querySelectorAll("[data-live]")) {
    const after = page.getElementById(before.id);
    if (!after || before.isEqualNode(after) || keptForReader(before, after)) continue;
    const opened = [...before.querySelectorAll("details[open][id]")].map(({ id }) => id);
    const focused = before.contains(document.activeElement) ? document.activeElement?.id : "";
    const typed = [...before.querySelectorAll("input[type=text][id]")].map(({ id, value }) => [id, value]);
    before.replaceWith(document.adoptNode(after));
    for (const [id, value] of typed) {
      const input = document.getElementById(id);
      if (input) input.value = value;
    }
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
  followEnds(ends);
  tellTimes();
}

let asking = false;
let again = false;

async function refresh() {
  again = asking;
  if (asking) return;
  asking = true;
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" } });
    if (response.status === 401) location.reload();
    else replaceParts(new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch {
    // The stream shows that the connection is lost, and asks again once it is back.
  } finally {
    asking = false;
    if (again) refresh();
  }
}

/* What the page hears of. Browsers open few streams to one server, so a page that nobody sees has none. */

let stream;

function listen() {
  const { events } = document.body.dataset;
  if (!events || stream || document.hidden) return;
  stream = new EventSource(events);
  stream.addEventListener("hello", () => {
    show("live");
    refresh();
  });
  stream.addEventListener("changed", refresh);
  stream.addEventListener("error", () => {
    show("lost");
    // A browser gives up when the server answers with an error, as one that was restarted does to who is not logged in.
    if (stream?.readyState !== EventSource.CLOSED) return;
    silence();
    setTimeout(() => refresh().then(listen), 2_000);
  });
}

function silence() {
  stream?.close();
  stream = undefined;
}

/* A form is sent once, and says that it was. */

addEventListener("submit", ({ target }) => {
  const button = target.querySelector("button[data-busy]");
  if (!button) return;
  button.textContent = button.dataset.busy;
  // Not at once, or the browser would not send it.
  setTimeout(() => {
    button.disabled = true;
  });
});

document.addEventListener("visibilitychange", () => (document.hidden ? silence() : listen()));
addEventListener("pagehide", silence);
addEventListener("pageshow", listen);
setInterval(tellTimes, 20_000);
tellTimes();
followEnds();
listen();
