// Tells the token that owns what this browser's visitor makes; see mnist_app/ui/browser.py.
const KEPT = "mnist-app.owner";
let told = false;

function token(proposal) {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept) return kept;
    localStorage.setItem(KEPT, proposal);
  } catch (error) {
    console.warn("This browser keeps nothing: after a refresh you count as somebody else.", error);
  }
  return proposal;
}

export default function ({ data, setStateValue }) {
  if (told) return;
  told = true;
  setStateValue("token", token(data.token));
}
