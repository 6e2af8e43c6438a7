// Violated relations: a paragraph a law and scenario, every kind of disagreement once, with a pair of cells, or the one cell, to show it.

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
        const more = same.length > 1 ? `, and ${same.length - 1} more such ${one.left === one.right ? "cells" : "pairs"}` : "";
        const [told, seen] = [`${one.what}: ${one.left_value}`, one.right_value];
        if (one.left === one.right) return el("li", {}, visible(`${told}; ${seen} at `), cellButton(one.right), more);
        const left = [visible(`${told} at `), cellButton(one.left)];
        return el("li", {}, ...left, visible(`, ${seen} at `), cellButton(one.right), more);
      }),
    ),
  );
}

// A way from one cell to another.
function cellButton(cell) {
  const name = `${pointLabel(cell.scenario, cell)} / ${cell.row.name}`;
  return el("button", { type: "button", class: "to", onclick: () => showCell(cell) }, name);
}
