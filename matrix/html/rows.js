// The rows of the grid: the kernels' names, a scenario's sum, and a point's cells.

function headRow() {
  const title = (row) => `kernel ${kernelOf(row)}${row.ceiling ? `, ABI ceiling ${row.ceiling}` : ""}`;
  const under = (row) => el("small", {}, row.kernel.split("/").pop(), row.ceiling ? "\u2193" : "");
  return el(
    "tr",
    { role: "row" },
    el("th", { role: "columnheader", scope: "col" }, "Scenario"),
    record.rows.map((row) => el("th", { role: "columnheader", scope: "col", title: title(row) }, row.name, under(row))),
  );
}

function scenarioRow(line) {
  return el(
    "tr",
    {
      role: "row",
      class: "scenario",
      "data-key": line.key,
      "aria-level": 1,
      "aria-expanded": String(line.expanded),
      "aria-posinset": line.at,
      "aria-setsize": line.of,
    },
    el(
      "th",
      { role: "rowheader", scope: "row", tabindex: "-1", title: line.group.scenario.about },
      line.group.scenario.name,
    ),
    record.rows.map((row, column) =>
      summary(line, row, line.points.map((point) => point.cells[column]).filter(Boolean)),
    ),
  );
}

// Many cells as one: how many are red, else how many there are, over their outcomes' shares.
function summary(line, row, some) {
  const { mark, look, said } = sum(some);
  const span = el("span", { class: look }, mark);
  if (look === "mixed") span.style.background = shares(some.filter((cell) => cell.verdict !== "skipped"));
  const name = `${line.group.scenario.name}, row ${row.name}: ${said}`;
  return el("td", { role: "gridcell", tabindex: "-1", "aria-label": name, title: said }, span);
}

function sum(some) {
  const bad = some.filter((cell) => cell.isRed).length;
  const ran = some.filter((cell) => cell.verdict !== "skipped").length;
  if (!some.length) return { mark: "", look: "", said: "not run" };
  if (bad === some.length) return { mark: `\u2717${bad}`, look: "red", said: `all of ${bad} cells red` };
  if (bad) return { mark: `\u2717${bad}/${some.length}`, look: "partly", said: `${bad} of ${some.length} cells red` };
  if (!ran) return { mark: "-", look: "skipped", said: `${some.length} skipped` };
  return { mark: String(ran), look: "mixed", said: `${ran} cells as expected` };
}

function shares(some) {
  let from = 0;
  const stops = ["started", "degraded", "refused", "exec-failed"].flatMap((outcome) => {
    const part = (some.filter((cell) => cell.seen.outcome === outcome).length * 100) / some.length;
    from += part;
    return part ? [`var(--${outcome}) ${from - part}% ${from}%`] : [];
  });
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}

function pointRow(line) {
  return el(
    "tr",
    {
      role: "row",
      class: line.at === line.of ? "point last" : "point",
      "data-key": line.key,
      "aria-level": 2,
      "aria-posinset": line.at,
      "aria-setsize": line.of,
    },
    el("th", { role: "rowheader", scope: "row", tabindex: "-1", title: line.label }, line.label),
    record.rows.map((row, column) => {
      const cell = line.cells[column];
      if (!cell) return el("td", { role: "gridcell", tabindex: "-1", "aria-label": "no cell" }, el("span"));
      const [mark, more] = cell.violations.length ? ["!", ", in a violated relation"] : ["", ""];
      const said = `${line.label}, row ${row.name}: ${cell.seen.outcome ?? ""} ${cell.verdict}${more}`;
      return el(
        "td",
        { role: "gridcell", tabindex: "-1", "aria-label": said, "data-id": cell.id },
        el("span", { class: lookOf(cell) }, cell.letter + mark),
      );
    }),
  );
}
