// Violated relations: a paragraph a law and scenario, every kind of disagreement once, with a pair of cells to show it.

function startRelations() {
  if (!violations.length) return;
  const breaches = [...Map.groupBy(violations, (one) => `${one.law}/${one.left.scenario.name}`).values()];
  const count = `${counted(breaches.length, "relation")} violated`;
  document
    .getElementById("relations")
    .append(
      el("details", { open: true }, el("summary", {}, count), el("div", { class: "breaches" }, breaches.map(breach))),
    );
}

function breach(some) {
  const [first] = some;
  const kinds = [...Map.groupBy(some, (one) => JSON.stringify([one.what, one.left_value, one.right_value])).values()];
  return el(
    "section",
    {},
    el("h3", {}, `${first.law} in ${first.left.scenario.name}`),
    el("p", {}, record.laws[first.law]),
    el(
      "ul",
      {},
      kinds.map((same) => {
        const [one] = same;
        const more = same.length > 1 ? `, and ${same.length - 1} more such pairs` : "";
        const left = [visible(`${one.what}: ${one.left_value} at `), cellButton(one.left)];
        return el("li", {}, ...left, visible(`, ${one.right_value} at `), cellButton(one.right), more);
      }),
    ),
  );
}

// A way from one cell to another.
function cellButton(cell) {
  const name = `${pointLabel(cell.scenario, cell)} / ${cell.row.name}`;
  return el("button", { type: "button", class: "to", onclick: () => showCell(cell) }, name);
}
