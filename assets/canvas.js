// What the app adds to the canvas, which is a component of its own; see mnist_app/ui/draw/canvas.py.
//
// One pointer draws at a time: the mouse's left button, a finger, or the tip of a pen, which goes before fingers.
// The canvas hears only this pointer, as a mouse. It would mix up fingers that touch it together.

const PALM = 40; // pixels; the contact of a fingertip is smaller
const HELD = 4; // pixels that a finger moves before it draws: a resting palm moves less
const TAP = 500; // milliseconds; a finger that rests longer draws no dot
const PEN_NEAR = 500; // milliseconds after the pen's last event in which fingers draw nothing
const UNSENT = 600; // milliseconds after a stroke by which the canvas has surely sent it
const LEFT = 1; // in `buttons`: the left button of a mouse, or the tip of a pen

const WITHOUT_TOOLBAR = new CSSStyleSheet();
WITHOUT_TOOLBAR.replaceSync(".dc-toolbar { display: none !important; }");

function canvasAt(event) {
  const target = event.composedPath()[0];
  return target instanceof HTMLCanvasElement && target.classList.contains("upper-canvas") ? target : null;
}

// Its toolbar lies over the canvas even where it is not seen, and its Edit mode traps people.
function hideToolbars() {
  let isThere = false;
  for (const { shadowRoot } of document.querySelectorAll(".st-key-canvas_place *")) {
    if (!shadowRoot?.querySelector(".dc-toolbar")) continue;
    isThere = true;
    if (!shadowRoot.adoptedStyleSheets.includes(WITHOUT_TOOLBAR)) shadowRoot.adoptedStyleSheets.push(WITHOUT_TOOLBAR);
  }
  return isThere;
}

class Pointer {
  constructor(signal) {
    this.drawing = null; // the pointer that draws
    this.held = null; // a finger that may be a palm
    this.penAt = -Infinity;
    this.strokeAt = -Infinity;
    const listen = (type, hear) => window.addEventListener(type, hear, { capture: true, passive: false, signal });
    for (const type of ["mousedown", "touchstart", "mousemove", "mouseup"]) listen(type, (event) => this.replace(event));
    listen("pointerover", hideToolbars);
    listen("pointerdown", (event) => this.down(event));
    listen("pointermove", (event) => this.move(event));
    listen("pointerup", (event) => this.up(event));
    listen("pointercancel", (event) => this.cancel(event));
  }

  // Keeps the browser's own events from the canvas. Without its default a press does not take the focus away either.
  replace(event) {
    if (!event.isTrusted) return;
    const isPress = event.type === "mousedown" || event.type === "touchstart";
    if (isPress && !canvasAt(event)) return;
    if (!isPress && !this.drawing) return;
    event.stopImmediatePropagation();
    if (isPress && event.cancelable) event.preventDefault();
  }

  down(event) {
    const canvas = canvasAt(event);
    this.noteIfPen(event);
    if (!canvas || event.button !== 0) return; // the right button, or a pen's eraser
    if (event.pointerType === "touch") {
      const isPalm = Math.max(event.width, event.height) > PALM || event.timeStamp - this.penAt < PEN_NEAR;
      if (!this.drawing && !isPalm) this.held = { canvas, event };
      return;
    }
    if (this.drawing && event.pointerType === "pen" && this.drawing.type === "touch") this.end(event);
    if (!this.drawing) this.begin(canvas, event);
  }

  move(event) {
    this.noteIfPen(event);
    if (this.isHeld(event)) {
      const { clientX, clientY } = this.held.event;
      if (Math.hypot(event.clientX - clientX, event.clientY - clientY) < HELD) return;
      this.begin(this.held.canvas, this.held.event);
    }
    if (event.pointerId !== this.drawing?.id) return;
    if (event.buttons & LEFT) this.tell("mousemove", event);
    else this.end(event);
  }

  up(event) {
    if (this.isHeld(event)) {
      if (event.timeStamp - this.held.event.timeStamp < TAP) this.begin(this.held.canvas, this.held.event);
      this.held = null;
    }
    if (event.pointerId === this.drawing?.id) this.end(event);
  }

  cancel(event) {
    if (this.isHeld(event)) this.held = null;
    if (event.pointerId === this.drawing?.id) this.end(event);
  }

  isHeld(event) {
    return this.held?.event.pointerId === event.pointerId;
  }

  noteIfPen(event) {
    if (event.pointerType === "pen") this.penAt = event.timeStamp;
  }

  begin(canvas, event) {
    this.held = null;
    this.drawing = { canvas, id: event.pointerId, type: event.pointerType };
    this.tell("mousedown", event);
  }

  end(event) {
    this.tell("mouseup", this.drawing.id === event.pointerId ? event : this.last);
    this.strokeAt = performance.now();
    this.drawing = null;
  }

  tell(type, event) {
    this.last = event;
    const { clientX, clientY, screenX, screenY } = event;
    const place = { clientX, clientY, screenX, screenY, view: window, bubbles: true, composed: true, cancelable: true };
    const { canvas } = this.drawing;
    (canvas.isConnected ? canvas : document).dispatchEvent(new MouseEvent(type, { ...place, buttons: type === "mouseup" ? 0 : 1 }));
  }
}

const TEXT = 'textarea, select, [contenteditable="true"], input:not([type="range"], [type="checkbox"], [type="radio"])';

// The control that a key stands for.
function controlOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (key === "Delete" && !ctrlKey && !metaKey && !altKey && !shiftKey) return "clear";
  if (altKey || !(ctrlKey || metaKey)) return null;
  if (key.toLowerCase() === "z") return shiftKey ? "redo" : "undo";
  return key.toLowerCase() === "y" && !shiftKey ? "redo" : null;
}

function pressByKey(event) {
  const control = controlOf(event);
  if (!control || event.composedPath()[0].matches?.(TEXT)) return;
  const button = document.querySelector(`.st-key-canvas_${control} button`);
  if (!button) return;
  event.preventDefault();
  if (!event.repeat) button.click();
}

// The canvas sends a stroke a moment late. What follows a press of these buttons counts with the stroke.
function sendFirst(event, pointer) {
  if (!event.target.closest?.('[class*="st-key-canvas_"] button') || performance.now() - pointer.strokeAt > UNSENT) return;
  for (const { shadowRoot } of document.querySelectorAll(".st-key-canvas_place *")) {
    shadowRoot?.querySelector(".dc-toolbar button")?.click(); // "Update the app with this drawing"
  }
}

const mounted = new WeakMap();

export default function ({ parentElement }) {
  const look = () => {
    if (!hideToolbars() && parentElement.isConnected) requestAnimationFrame(look);
  };
  look();
  if (!mounted.has(parentElement)) {
    const listeners = new AbortController();
    mounted.set(parentElement, listeners);
    const pointer = new Pointer(listeners.signal);
    window.addEventListener("keydown", pressByKey, { capture: true, signal: listeners.signal });
    const onClick = (event) => sendFirst(event, pointer);
    window.addEventListener("click", onClick, { capture: true, signal: listeners.signal });
  }
  return () => {
    if (parentElement.isConnected) return; // see lasting_canvas.js
    mounted.get(parentElement)?.abort();
    mounted.delete(parentElement);
  };
}
