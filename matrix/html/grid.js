// The heat map: a tree of scenarios and their points by kernel rows, walked with the arrow keys
// (WAI-ARIA Authoring Practices, treegrid, with the focus on cells).

const MOST_OPENED = 80; // points that are opened unasked
const body = document.querySelector("#grid tbody");
const toggled = new Map(); // scenarios that were opened or closed by hand
const place = { key: "", column: 0 }; // where the focus is: a row's key, and 0 for its header
let lines = []; // the rows shown: {key, group, point, cells by column}
let open = () => {};

function startGrid(onOpen) {
  open = onOpen;
  document.querySelector("#grid thead").append(headRow());
  body.addEventListener("click", (event) => {
    const found = event.target.closest("td, th");
    if (!found) return;
    goTo(found.parentElement.dataset.key, found.cellIndex);
    act();
  });
  body.addEventListener("focusin", (event) => {
    const found = event.target.closest("td, th");
    if (found) remember(found.parentElement.dataset.key, found.cellIndex);
  });
  body.addEventListener("keydown", onKey);
}

function draw() {
  const had = body.contains(document.activeElement);
  const shown = groups
    .map((group) => ({
      group,
      points: group.points
        .map((point) => ({ ...point, cells: record.rows.map((row) => keep(point.byRow.get(row.name))) }))
        .filter((point) => point.cells.some(Boolean)),
    }))
    .filter(({ points }) => points.length);
  const count = shown.reduce((sum, { points }) => sum + points.length, 0);
  const reds = shown.filter(({ points }) => points.some(hasRed));
  const redCount = reds.reduce((sum, { points }) => sum + points.length, 0);
  lines = shown.flatMap(({ group, points }, number) => {
    const auto = (isFiltering() && count <= MOST_OPENED) || (points.some(hasRed) && redCount <= MOST_OPENED);
    const expanded = toggled.get(group.scenario.name) ?? auto;
    const head = { key: group.scenario.name, group, points, expanded, at: number + 1, of: shown.length };
    return [
      head,
      ...(expanded ? points.map((point, at) => ({ ...point, group, point, at: at + 1, of: points.length })) : []),
    ];
  });
  body.replaceChildren(...lines.map((line) => (line.point ? pointRow(line) : scenarioRow(line))));
  if (!lines.length)
    body.append(el("tr", {}, el("td", { id: "empty", colspan: record.rows.length + 1 }, "No cell is like that.")));
  remember(place.key, place.column);
  if (had) current()?.focus();
  const cellsShown = shown.reduce(
    (sum, { points }) => sum + points.reduce((part, point) => part + point.cells.filter(Boolean).length, 0),
    0,
  );
  document.getElementById("shown").textContent =
    `${cellsShown.toLocaleString("en")} of ${counted(cells.length, "cell")} in ${counted(shown.length, "scenario")}`;
}

const keep = (cell) => (cell && matches(cell) ? cell : undefined);
const hasRed = (point) => point.cells.some((cell) => cell?.isRed);

// One cell of the grid can be tabbed to: the one that was left.
function remember(key, column) {
  for (const old of body.querySelectorAll("[tabindex='0']")) old.tabIndex = -1;
  const number = Math.max(
    0,
    lines.findIndex((line) => line.key === key),
  );
  Object.assign(place, { key: lines[number]?.key ?? "", column });
  const found = current();
  if (found) found.tabIndex = 0;
}

function current() {
  const row = body.rows[lines.findIndex((line) => line.key === place.key)];
  return row?.cells[Math.min(place.column, row.cells.length - 1)];
}

function goTo(key, column) {
  remember(key, column);
  const found = current();
  found?.focus();
  found?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function toggle(line, expanded) {
  toggled.set(line.group.scenario.name, expanded);
  draw();
}

// What Enter and a click do: a cell is shown, a scenario opened at what is red in it, or closed.
function act() {
  const line = lines.find((one) => one.key === place.key);
  if (!line) return;
  if (line.point) {
    const cell = place.column
      ? line.cells[place.column - 1]
      : (line.cells.find((one) => one?.isRed) ?? line.cells.find(Boolean));
    if (cell) open(cell);
  } else if (line.expanded) {
    toggle(line, false);
  } else {
    toggle(line, true);
    const at = Math.max(0, place.column - 1);
    const next = line.points.find((point) => point.cells[at]?.isRed) ?? line.points.find((point) => point.cells[at]);
    if (place.column && next) goTo(next.key, place.column);
  }
}

function onKey(event) {
  if (event.altKey || event.metaKey) return;
  const at = lines.findIndex((line) => line.key === place.key);
  const line = lines[at];
  if (!line) return;
  const last = record.rows.length;
  const toRow = (number) => goTo(lines[Math.min(Math.max(number, 0), lines.length - 1)].key, place.column);
  const moves = {
    ArrowUp: () => toRow(at - 1),
    ArrowDown: () => toRow(at + 1),
    ArrowRight: () =>
      place.column === 0 && line.expanded === false
        ? toggle(line, true)
        : goTo(line.key, Math.min(last, place.column + 1)),
    ArrowLeft: () =>
      place.column > 0
        ? goTo(line.key, place.column - 1)
        : line.expanded
          ? toggle(line, false)
          : goTo(line.group.scenario.name, 0),
    Home: () => (event.ctrlKey ? goTo(lines[0].key, place.column) : goTo(line.key, 0)),
    End: () => (event.ctrlKey ? goTo(lines.at(-1).key, place.column) : goTo(line.key, last)),
    PageUp: () => toRow(at - 15),
    PageDown: () => toRow(at + 15),
    Enter: act,
    " ": act,
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  moves[event.key]();
}

// Brings a cell's row on the page, whatever was filtered and closed before.
function reveal(cell) {
  if (!matches(cell)) form.reset();
  toggled.set(cell.scenario.name, true);
  draw();
  for (const old of body.querySelectorAll("[aria-selected]")) old.removeAttribute("aria-selected");
  const found = [...body.querySelectorAll("[data-id]")].find((one) => one.dataset.id === cell.id);
  if (!found) return;
  found.setAttribute("aria-selected", "true");
  remember(found.parentElement.dataset.key, found.cellIndex);
  found.scrollIntoView({ block: "nearest", inline: "nearest" });
}
