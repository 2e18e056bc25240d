// The answer on the Draw page, which follows the pen; see mnist_app/ui/draw/answer_panel.py.
//
// Both the page's runs and the socket give the answer as HTML of the app's own making. Elements that stay keep
// their place, so that the bars glide.

const CLOSEST = 0.4; // Fabric, which draws on the canvas, drops points that are closer than this
const SETTLED = 2000; // milliseconds after a stroke by which the page has answered it
const SLOWEST_RETRY = 30000;
const MOST_ON_THE_WAY = 12;
const KEPT = "mnist-app.draw-page"; // where browser.js keeps what page runs know

const PEN = { type: "Path", fill: null, stroke: "#ffffff", strokeLineCap: "round", strokeLineJoin: "round" };

const MOUNTED_AGAIN = 2000; // milliseconds within which a panel that Streamlit takes away is there again

// Streamlit may mount a component again at any time, also while the pen is down: the panel goes on in the new place.
let panel = null;
let ladder = null; // where the pictures of what the network sees stand, in a component of their own
let map = null; // the map of Most alike, likewise; see mnist_app/ui/look_inside/digit_map.py

// Makes `old` like `made` and keeps every element that both have.
function morph(old, made) {
  const [before, after] = [old.childNodes, made.childNodes];
  const isSame = before.length === after.length && [...before].every((node, i) => node.nodeName === after[i].nodeName);
  if (!isSame) {
    old.replaceChildren(...after);
    return;
  }
  [...before].forEach((node, i) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.data !== after[i].data) node.data = after[i].data;
      return;
    }
    for (const { name } of [...node.attributes]) if (!after[i].hasAttribute(name)) node.removeAttribute(name);
    for (const { name, value } of after[i].attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
    morph(node, after[i]);
  });
}

function show(place, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  morph(place, made.content);
}

// The path that Fabric's PencilBrush makes of a pen's points (https://fabricjs.com), so that the server is asked
// about just what the canvas will send.
function fabricPath(points, width) {
  const kept = thinned(points);
  const [first, second, third] = kept;
  const start = third ? [Math.sign(third.x - second.x), Math.sign(third.y - second.y)] : [1, 0];
  const nudge = width / 1000;
  const path = [["M", round(first.x - start[0] * nudge), round(first.y - start[1] * nudge)]];
  let [from, to] = kept;
  for (let i = 1; i < kept.length; i++) {
    if (from.x !== to.x || from.y !== to.y) {
      path.push(["Q", round(from.x), round(from.y), round((from.x + to.x) / 2), round((from.y + to.y) / 2)]);
    }
    from = kept[i];
    to = kept[i + 1] ?? to;
  }
  const before = kept.at(-2);
  const end = third ? [Math.sign(from.x - before.x), Math.sign(from.y - before.y)] : [1, 0];
  path.push(["L", round(from.x + end[0] * nudge), round(from.y + end[1] * nudge)]);
  return path;
}

// Without the points that are closest to the one before.
function thinned(points) {
  if (points.length <= 2) return points;
  const kept = [points[0]];
  for (const point of points.slice(1, -2)) {
    if (Math.hypot(point.x - kept.at(-1).x, point.y - kept.at(-1).y) >= CLOSEST) kept.push(point);
  }
  return [...kept, points.at(-1)];
}

function round(number) {
  return Math.round(number * 100) / 100;
}

class Socket {
  // Asks one question at a time, and not sooner than the server says.
  constructor(onAnswer) {
    this.onAnswer = onAnswer;
    this.retry = 1000;
  }

  open(address) {
    if (address === this.address) return;
    this.close();
    this.address = address;
    this.connect();
  }

  connect() {
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.isFree = false;
    socket.onopen = () => {
      this.retry = 1000;
      this.isFree = true;
      this.askNext();
    };
    socket.onmessage = ({ data }) => {
      const answer = JSON.parse(data);
      this.onAnswer(answer);
      setTimeout(() => {
        this.isFree = true;
        this.askNext();
      }, answer.wait);
    };
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return;
      this.socket = null;
      // A tab that opened another socket, or was idle, asks again with its next stroke.
      this.again = code === 1000 ? undefined : setTimeout(() => this.connect(), this.retry);
      this.retry = Math.min(2 * this.retry, SLOWEST_RETRY);
    };
  }

  ask(question) {
    this.question = question;
    if (this.socket === null && this.again === undefined && this.address) this.connect();
    else this.askNext();
  }

  askNext() {
    if (!this.question || !this.isFree || this.socket?.readyState !== WebSocket.OPEN) return;
    this.isFree = false;
    this.socket.send(JSON.stringify(this.question()));
    this.question = null;
  }

  close() {
    clearTimeout(this.again);
    const socket = this.socket;
    this.socket = undefined;
    this.address = null;
    socket?.close();
  }
}

class Panel {
  constructor(root) {
    this.answer = root.querySelector(".live-answer");
    this.way = root.querySelector(".on-the-way");
    this.root = root;
    this.live = null;
    this.strokes = []; // drawn since the page run that `live` is of
    this.points = null; // of the stroke that is being drawn
    this.digits = []; // what the network took the drawing for as it grew
    this.drawnAt = -Infinity;
    this.socket = new Socket((answer) => this.hear(answer));
    this.listeners = new AbortController();
    const listen = (type, hear) => document.addEventListener(type, hear, { capture: true, signal: this.listeners.signal });
    // The events that Fabric hears, which are those of canvas.js: a finger and a pen are mice, too.
    listen("mousedown", (event) => this.down(event));
    listen("mousemove", (event) => this.move(event));
    listen("mouseup", () => this.up());
    listen("keydown", () => (this.drawnAt = -Infinity));
  }

  // Goes on in another place, and shows there what it showed.
  moveTo(root) {
    clearTimeout(this.leaving);
    if (root === this.root) return;
    const { answer, way } = this;
    this.root = root;
    this.answer = root.querySelector(".live-answer");
    this.way = root.querySelector(".on-the-way");
    this.answer.replaceChildren(...answer.childNodes);
    this.answer.ariaBusy = answer.ariaBusy;
    this.way.textContent = way.textContent;
  }

  // A run of the page: what it shows counts, unless the pen has gone on since.
  update({ answer, live }) {
    const before = this.live;
    this.live = live;
    const isNew = !before || !live || before.revision !== live.revision;
    if (isNew || live.strokes < before.strokes) this.strokes = [];
    else this.strokes.splice(0, live.strokes - before.strokes);
    if (before && (isNew || before.model !== live.model)) this.digits = [];
    if (live && live.strokes === 0 && !this.strokes.length && !this.points) this.digits = [];
    if (live) this.socket.open(new URL(live.path, location.origin.replace(/^http/, "ws")).href + `?ticket=${live.ticket}`);
    else this.socket.close();
    this.answer.ariaBusy = String(Boolean(this.isAhead));
    if (this.isAhead) {
      if (!this.points) setTimeout(() => this.keep()); // this run's answer has just replaced what was kept
      return;
    }
    show(this.answer, answer);
    this.showWay();
  }

  // The strokes on the canvas are ahead of what the page run knows.
  get isAhead() {
    return this.live && (this.points || (this.strokes.length && performance.now() - this.drawnAt < SETTLED));
  }

  hear({ answer, image, digit, place }) {
    if (!answer || !this.live || !(this.points || performance.now() - this.drawnAt < SETTLED)) return;
    show(this.answer, answer);
    ladder?.follow(image);
    if (place) map?.follow(place);
    if (digit !== null && digit !== this.digits.at(-1)) this.digits = [...this.digits, digit].slice(-MOST_ON_THE_WAY);
    this.showWay();
  }

  showWay() {
    const text = this.digits.length > 1 ? this.way.dataset.words.replace("{digits}", this.digits.join(", ")) : "";
    if (this.way.textContent !== text) this.way.textContent = text;
  }

  // Where on the canvas the pen is, in the canvas's own pixels.
  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.live.side / box.width;
    return { x: (clientX - box.left) * scale, y: (clientY - box.top) * scale };
  }

  down(event) {
    const canvas = event.composedPath()[0];
    if (!(canvas instanceof HTMLCanvasElement) || !canvas.classList.contains("upper-canvas")) {
      this.drawnAt = -Infinity; // a press of something else: what the page says counts
      return;
    }
    if (!this.live || event.button > 0) return;
    this.canvas = canvas;
    const point = this.place(event);
    this.points = [point, point]; // as Fabric begins
    this.answer.ariaBusy = "true";
    this.ask();
  }

  move(event) {
    if (!this.points) return;
    const point = this.place(event);
    const last = this.points.at(-1);
    if (point.x === last.x && point.y === last.y) return;
    this.points.push(point);
    this.ask();
  }

  up() {
    if (!this.points) return;
    this.strokes.push(this.stroke());
    this.points = null;
    this.drawnAt = performance.now();
    this.keep();
    this.ask();
  }

  // The stroke as the canvas lists it.
  stroke() {
    const { brush } = this.live;
    return { ...PEN, path: fabricPath(this.points, brush), strokeWidth: brush };
  }

  // Has the browser keep strokes that no page run knows yet: who has seen an answer can refresh.
  keep() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT));
      const known = kept?.canvas?.json_data?.objects ?? [];
      if (!kept || known.length < this.live.strokes) return; // what the page run knows is not kept yet
      const objects = [...known.slice(0, this.live.strokes), ...this.strokes];
      kept.canvas = { png: null, json_data: { ...kept.canvas?.json_data, objects } };
      kept.written = null;
      sessionStorage.setItem(KEPT, JSON.stringify(kept));
    } catch (error) {
      console.warn("The last stroke could not be kept: a refresh at once will lose it.", error);
    }
  }

  ask() {
    this.socket.ask(() => ({
      drawing: this.live.drawing,
      strokes: this.points ? [...this.strokes, this.stroke()] : this.strokes,
    }));
  }

  // Ends, unless it is mounted again.
  leave(root) {
    if (root !== this.root || root.isConnected) return; // see lasting_canvas.js
    this.leaving = setTimeout(() => {
      this.listeners.abort();
      this.socket.close();
      if (panel === this) panel = null;
    }, MOUNTED_AGAIN);
  }
}

class Ladder {
  constructor(root) {
    this.root = root;
    this.place = root.querySelector(".live-ladder");
  }

  update(html) {
    show(this.place, html);
  }

  // The last picture is what the network sees; the others change with the next page run.
  follow(image) {
    const last = this.place.querySelector("figure:last-child img");
    if (last) last.src = image;
  }
}

class DigitMap {
  constructor(root) {
    this.root = root;
    this.place = root.querySelector(".live-map");
  }

  update(html) {
    const before = this.ring?.style.transform;
    show(this.place, html);
    this.ring = this.place.querySelector(".drawing");
    if (panel?.isAhead && before) this.ring.style.transform = before; // this run knows less than the pen has drawn
  }

  follow([x, y]) {
    this.ring.style.transform = `translate(${x}px, ${y}px)`;
    this.ring.removeAttribute("visibility");
  }
}

// Three components load this script: the answer, the ladder below it, and the map of Most alike.
export default function ({ data, parentElement }) {
  if (data.ladder !== undefined) {
    if (ladder?.root !== parentElement) ladder = new Ladder(parentElement);
    ladder.update(data.ladder);
    return undefined;
  }
  if (data.map !== undefined) {
    if (map?.root !== parentElement) map = new DigitMap(parentElement);
    map.update(data.map);
    return undefined;
  }
  panel ??= new Panel(parentElement);
  panel.moveTo(parentElement);
  panel.update(data);
  return () => panel?.leave(parentElement);
}
