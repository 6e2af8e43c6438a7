// Elements out of text alone: nothing of the record is ever read as markup.

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

// Controls, and marks that turn the direction of writing, as their numbers; a line's end and a tab stay.
const CONTROL = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffd])/;

function visible(text) {
  return text
    .split(CONTROL)
    .map((part, number) =>
      number % 2 === 0
        ? part
        : el("span", { class: "control" }, `\\u${part.charCodeAt(0).toString(16).padStart(4, "0")}`),
    );
}

function block(text) {
  return text ? el("pre", { tabindex: "0" }, visible(text)) : el("p", { class: "none" }, "none");
}

const counted = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;

const linkTo = (cell) => `#${encodeURIComponent(cell.id)}`;

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without the permission, or where there is no clipboard for files: the old way.
    const area = el("textarea", { readonly: true });
    area.value = text;
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1500);
}
