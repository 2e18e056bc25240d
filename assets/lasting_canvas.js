// Keeps the canvas on the page; see mnist_app/ui/draw/canvas.py.
//
// Streamlit calls a component's script again with each change of its data, and its cleanup when it leaves the page.
// Of two changes in quick succession it cleans up the first while the component stays. A canvas would be thrown away
// then, with all that was drawn since the app last put something on it.

const { default: showCanvas } = await import(new URL("SCRIPT_OF_THE_CANVAS", location.origin));

export default function (component) {
  const cleanUp = showCanvas(component);
  return () => {
    if (!component.parentElement.isConnected) cleanUp();
  };
}
