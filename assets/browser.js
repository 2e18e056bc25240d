// What the browser keeps and says for the app; see mnist_app/ui/session/browser_storage.py.
const KEPT = "mnist-app.draw-page";
const OWNER = "mnist-app.owner";
const PERSON = "mnist-app.person";
const LABEL = "Drawing area. Draw a digit with a mouse, a pen or a finger, or press “Draw one for me”.";
const asked = new WeakMap();

function owner(proposal) {
  try {
    const kept = localStorage.getItem(OWNER);
    if (kept) return kept;
    localStorage.setItem(OWNER, proposal);
  } catch (error) {
    console.warn("This browser keeps nothing: after a refresh you count as somebody else.", error);
  }
  return proposal;
}

function person() {
  try {
    return localStorage.getItem(PERSON);
  } catch {
    return null; // owner() has said so
  }
}

// Its visitor has become somebody new in another tab ("Delete my runs and drawings"). What this one would go on to make
// would be nobody's: it begins anew, as after a refresh. Two components load this script, and one listens.
if (!window.mnistAppListens) {
  window.mnistAppListens = true;
  window.addEventListener("storage", ({ key, oldValue, newValue }) => {
    if (key === OWNER && oldValue && newValue && newValue !== oldValue) location.reload();
  });
  // A key that is held on a button presses it once: else it would train one network after another.
  const once = (event) => {
    if (!event.repeat || !["Enter", " "].includes(event.key) || !event.composedPath()[0].closest?.("button")) return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", once, true);
}

// Streamlit's sliders name themselves twice, by their own label and by their group's, and are read twice:
// "Row Row". The group's alone is enough.
function nameSliders() {
  for (const input of document.querySelectorAll('.stSlider input[aria-labelledby*=" "]')) {
    input.setAttribute("aria-labelledby", input.getAttribute("aria-labelledby").split(" ").pop());
  }
}

if (!window.mnistAppNamesSliders) {
  window.mnistAppNamesSliders = true;
  let isDue = false;
  new MutationObserver(() => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      nameSliders();
    });
  }).observe(document.body, { childList: true, subtree: true });
  nameSliders();
}

let identity = "";

// Keeps another token or name; once, for another tab may have kept a newer one since.
function keepIdentity(given) {
  if (JSON.stringify(given) === identity) return;
  identity = JSON.stringify(given);
  try {
    localStorage.setItem(OWNER, given.owner);
    if (given.person === null) localStorage.removeItem(PERSON);
    else localStorage.setItem(PERSON, given.person);
  } catch (error) {
    console.warn("This browser keeps nothing: after a refresh your name is not known.", error);
  }
}

function read() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch (error) {
    console.warn("This browser keeps nothing for this page: a refresh will lose the drawing.", error);
    return null;
  }
}

function keep(text) {
  try {
    if (sessionStorage.getItem(KEPT) !== text) sessionStorage.setItem(KEPT, text);
  } catch (error) {
    console.warn("The drawing could not be kept: a refresh will lose it.", error);
  }
}

function findCanvas() {
  for (const frame of document.querySelectorAll(".st-key-canvas_place *")) {
    const canvas = frame.shadowRoot?.querySelector("canvas.upper-canvas");
    if (canvas) return canvas;
  }
  return null;
}

function nameCanvas(canvas) {
  if (canvas && canvas.getAttribute("aria-label") !== LABEL) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", LABEL);
  }
}

// Calls `then` once the page shows a canvas, or another way in that needs none.
function whenShown(parentElement, then) {
  const look = () => {
    if (!parentElement.isConnected) return;
    const canvas = findCanvas();
    nameCanvas(canvas);
    if (canvas || !document.querySelector(".st-key-canvas_place")) then();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

let watchdog;

function isAtRest() {
  return document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning";
}

// Answers the server, and again should the page come to rest without having heard it: a message is lost when the
// connection breaks, or when a page that was left sends it.
function answer(parentElement, tell, attempt = 1) {
  if (!parentElement.isConnected) return;
  if (attempt === 1 || isAtRest()) tell(attempt);
  clearTimeout(watchdog);
  watchdog = setTimeout(() => answer(parentElement, tell, attempt + 1), 5000);
}

// Tells the server that the page waits for it, and again should its answer never come: a message is lost
// when the connection breaks, as it may while a busy machine loads TensorFlow.
function wait(parentElement, tell) {
  clearTimeout(watchdog);
  whenShown(parentElement, () => {
    tell();
    watchdog = setTimeout(() => wait(parentElement, tell), 5000);
  });
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  if (data.identity) {
    keepIdentity(data.identity);
    return;
  }
  const status = parentElement.querySelector('[role="status"]');
  if (data.keep === null) {
    // An answer to a page that was left is dropped, so the next page asks again; `turn` and `attempt` make each
    // answer a new value, which Streamlit does not overlook.
    if (asked.get(parentElement) === data.turn) return;
    asked.set(parentElement, data.turn);
    const { turn } = data;
    const kept = () => ({ text: read(), owner: owner(data.owner), person: person() });
    answer(parentElement, (attempt) => setStateValue("kept", { ...kept(), turn, attempt }));
    return;
  }
  keep(data.keep);
  if (status.textContent !== data.sentence) status.textContent = data.sentence;
  clearTimeout(watchdog);
  if (data.waiting) wait(parentElement, () => setTriggerValue("waiting", data.waiting));
  else whenShown(parentElement, () => {});
}
