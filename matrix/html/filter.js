// Which cells are shown: by text, verdicts, kernel row and values of axes.

const filter = { words: [], verdicts: new Set(), row: "", axes: new Map() };
const form = document.getElementById("filters");
const textField = document.getElementById("text");

function matches(cell) {
  if (filter.verdicts.size && !kindsOf(cell).some((kind) => filter.verdicts.has(kind))) return false;
  if (filter.row && cell.row.name !== filter.row) return false;
  for (const [name, value] of filter.axes) if (cell.axes[name] !== value) return false;
  return filter.words.every((word) => haystack(cell).includes(word));
}

function isFiltering() {
  return filter.words.length + filter.verdicts.size + filter.axes.size > 0 || filter.row !== "";
}

function options(select, first, values) {
  select.append(el("option", { value: "" }, first), ...values.map((value) => el("option", { value }, value)));
  return select;
}

// An axis that many scenarios have is a field of its own; those of one or two share one.
function axisFields(changed) {
  const values = new Map();
  const users = new Map();
  for (const { axes } of record.scenarios) {
    for (const [name, known] of Object.entries(axes)) {
      users.set(name, (users.get(name) ?? 0) + 1);
      values.set(name, new Set([...(values.get(name) ?? []), ...known]));
    }
  }
  const shared = [...values.keys()].filter(
    (name) => users.get(name) > record.scenarios.length / 3 && values.get(name).size > 1,
  );
  const fields = shared.map((name) => {
    const select = options(el("select", { id: `axis-${name}` }), "any", [...values.get(name)]);
    select.addEventListener("change", () => {
      setAxis(name, select.value);
      changed();
    });
    return el("label", {}, el("span", {}, name), select);
  });
  const others = [...values.keys()].filter((name) => !shared.includes(name) && values.get(name).size > 1);
  if (others.length) fields.push(otherAxes(others, values, changed));
  return fields;
}

function otherAxes(names, values, changed) {
  const select = el(
    "select",
    { id: "axis-other" },
    el("option", { value: "" }, "any"),
    names.map((name) =>
      el(
        "optgroup",
        { label: name },
        [...values.get(name)].map((value) =>
          el("option", { value: JSON.stringify([name, value]) }, `${name}=${value}`),
        ),
      ),
    ),
  );
  select.addEventListener("change", () => {
    for (const name of names) filter.axes.delete(name);
    if (select.value) setAxis(...JSON.parse(select.value));
    changed();
  });
  return el("label", {}, el("span", {}, "other axes"), select);
}

function setAxis(name, value) {
  if (value) filter.axes.set(name, value);
  else filter.axes.delete(name);
}

function verdictButtons(changed) {
  const counts = new Map();
  for (const kind of cells.flatMap(kindsOf)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => {
    const button = el(
      "button",
      { type: "button", "aria-pressed": "false", "data-verdict": verdict },
      verdict,
      el("b", {}, count.toLocaleString("en")),
    );
    button.addEventListener("click", () => {
      const on = !filter.verdicts.has(verdict);
      if (on) filter.verdicts.add(verdict);
      else filter.verdicts.delete(verdict);
      button.setAttribute("aria-pressed", String(on));
      changed();
    });
    return button;
  });
}

function startFilter(changed) {
  const rows = document.getElementById("row");
  options(
    rows,
    "any",
    record.rows.map((row) => row.name),
  );
  rows.addEventListener("change", () => {
    filter.row = rows.value;
    changed();
  });
  document.getElementById("axes").append(...axisFields(changed));
  document.getElementById("verdicts").append(...verdictButtons(changed));
  textField.addEventListener("input", () => {
    filter.words = textField.value.toLowerCase().split(/\s+/).filter(Boolean);
    changed();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    Object.assign(filter, { words: [], verdicts: new Set(), row: "", axes: new Map() });
    for (const button of form.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", "false");
    setTimeout(changed);
  });
}
