/** Elements made from values. Text is always text: nothing from a file is read as markup. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * @param {Element} element
 * @param {Record<string, any>} properties  attributes; `on` with listeners; `text`; `data`
 * @param {Child[]} children
 */
function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [kind, react] of Object.entries(value)) element.addEventListener(kind, react);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (name === "text") {
      element.textContent = String(value);
    } else if (name === "value" && "defaultValue" in element) {
      element.defaultValue = element.value = String(value);
    } else if (name === "value" || name === "checked" || name === "disabled" || name === "selected") {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat(3).filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}

/**
 * An HTML element.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/**
 * An SVG element.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function s(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** What a pointer is pressing. @type {any} */
let pressed = null;
/** What waits for it, by the element that it goes into. @type {Map<Element, (Child | Child[])[]>} */
const waiting = new Map();

function release() {
  pressed = null;
  const late = [...waiting];
  waiting.clear();
  for (const [root, children] of late) replace(root, children);
}

addEventListener("pointerdown", (event) => {
  release();
  pressed = event.target;
}, true);
for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => setTimeout(release), true); // after its click

/**
 * Put other children into an element. What had the focus keeps it, if its id is there again, and
 * with it what was being written there. What is being pressed stays until it is let go: a browser
 * knows of no click on a button that was replaced meanwhile.
 * @param {Element} root
 * @param {...(Child | Child[])} children
 */
export function show(root, ...children) {
  if (pressed?.isConnected && root.contains(pressed)) waiting.set(root, children);
  else {
    waiting.delete(root);
    replace(root, children);
  }
}

/** @param {Element} root @param {(Child | Child[])[]} children */
function replace(root, children) {
  const before = /** @type {any} */ (document.activeElement);
  const within = before && before.id && root.contains(before);
  const caret = within && "selectionStart" in before ? [before.selectionStart, before.selectionEnd] : null;
  root.replaceChildren(...children.flat(3).filter((each) => each !== null && each !== undefined && each !== false));
  const after = within ? /** @type {any} */ (document.getElementById(before.id)) : null;
  if (!after || after === document.activeElement) return;
  after.focus({ preventScroll: true });
  if ("defaultValue" in before && before.value !== before.defaultValue) keepWriting(before, after);
  try {
    if (caret && caret[0] !== null) after.setSelectionRange(...caret);
  } catch {
    // an input without a caret, such as a checkbox or a colour
  }
}

/** Carry over what is being written; a browser tells of no change that it did not see typed. */
function keepWriting(before, after) {
  after.value = before.value;
  let told = false;
  after.addEventListener("change", () => (told = true), { once: true });
  after.addEventListener("blur", () => {
    if (!told && after.value !== after.defaultValue) after.dispatchEvent(new Event("change"));
  }, { once: true });
}

let last = 0;

/** An id that no other element has. */
export function freshId(stem = "id") {
  last += 1;
  return `${stem}-${last}`;
}

/**
 * A button.
 * @param {string} text
 * @param {() => void} react
 * @param {Record<string, any>} [properties]
 */
export function button(text, react, properties = {}) {
  return h("button", { type: "button", on: { click: react }, ...properties }, text);
}

/**
 * A number as a person writes it: at most so many decimals, and no zeros at the end.
 * @param {number} value
 * @param {number} [decimals]
 */
export function plain(value, decimals = 2) {
  return Number.isFinite(value) ? String(+value.toFixed(decimals)) : "";
}
