// The record as the page uses it: every cell with its scenario, row and point in place of their numbers.

const record = JSON.parse(document.getElementById("record").textContent);
const red = new Set(record.red);

// Cells are stored by columns.
const cells = (record.cells.id ?? []).map((id, number) => {
  const cell = Object.fromEntries(Object.entries(record.cells).map(([name, values]) => [name, values[number]]));
  const scenario = record.scenarios[cell.scenario];
  const axes = record.points[cell.point];
  const seen = record.seen[cell.seen];
  return { ...cell, scenario, axes, seen, row: record.rows[cell.row], isRed: red.has(cell.verdict), violations: [] };
});
const byId = new Map(cells.map((cell) => [cell.id, cell]));

// Violated relations with their two cells, and at each cell those that it is in.
const violations = (record.violations ?? []).map((one) => ({
  ...one,
  left: byId.get(one.left),
  right: byId.get(one.right),
}));
for (const one of violations) for (const cell of new Set([one.left, one.right])) cell.violations.push(one);

// What the filter's buttons choose by: the verdict, and whether the cell is in a violated relation.
const kindsOf = (cell) => (cell.violations.length ? [cell.verdict, "relation"] : [cell.verdict]);

// Scenario by scenario its points on the axes, and at each the cells by kernel row.
const groups = [...Map.groupBy(cells, (cell) => cell.scenario)].map(([scenario, all]) => ({
  scenario,
  points: [...Map.groupBy(all, (cell) => `${cell.point}@${cell.variant}`)].map(([key, some]) => ({
    key: `${scenario.name}/${key}`,
    label: pointLabel(scenario, some[0]),
    byRow: new Map(some.map((cell) => [cell.row.name, cell])),
  })),
}));

// The values of the axes, without those of one value only, as the terminal's table has them.
function pointLabel(scenario, cell) {
  const told = Object.entries(cell.axes).filter(
    ([name]) => ["mode", "landlock"].includes(name) || (scenario.axes[name] ?? []).length > 1,
  );
  return told.map(([, value]) => value).join(" ") + (cell.variant === record.real ? "" : ` ${cell.variant}`);
}

// What a cell is searched by, made when it is asked for first.
function haystack(cell) {
  cell.words ??= [
    cell.id,
    cell.scenario.about,
    cell.scenario.report,
    cell.verdict,
    cell.seen.outcome,
    cell.seen.error,
    cell.seen.errno,
    cell.why,
    ...cell.differences.flatMap((one) => [one.what, one.got]),
  ]
    .join(" ")
    .toLowerCase();
  return cell.words;
}

function kernelOf(row) {
  const kernel = record.kernels.find((one) => one.series === row.kernel);
  return kernel ? kernel.version : row.kernel === "host" ? record.host.release : row.kernel;
}

function lookOf(cell) {
  if (cell.verdict === "skipped") return "skipped";
  if (cell.isRed) return cell.verdict === "fail" ? "red" : "harness";
  return cell.verdict === "known" ? "known" : (cell.seen.outcome ?? "");
}
