// One cell: what was put to the runtime, what it did, and how to do it again.

const panel = document.getElementById("cell");

function table(head, rows) {
  return el(
    "table",
    {},
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        head.map((name) => el("th", { scope: "col" }, name)),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map(({ values, wrong }) =>
        el(
          "tr",
          { class: wrong ? "wrong" : null },
          values.map((value) => el("td", {}, value instanceof Element ? value : visible(String(value)))),
        ),
      ),
    ),
  );
}

const section = (name, ...content) => [el("h3", {}, name), ...content];
const said = (value) =>
  value === null || value === undefined ? "none" : value === true ? "yes" : value === false ? "no" : String(value);

function results(cell, expected) {
  const rows = ["outcome", "error", "errno", "exit", "enforced"].filter(
    (name) => said(expected[name]) !== "none" || said(cell.seen[name]) !== "none",
  );
  return table(
    ["", "expected", "got"],
    rows.map((name) => {
      const asked = said(expected[name]) !== "none";
      return {
        values: [name, asked ? said(expected[name]) : "not said", said(cell.seen[name])],
        wrong: asked && expected[name] !== cell.seen[name],
      };
    }),
  );
}

function probes(cell, expected) {
  const names = Object.keys(cell.scenario.probes);
  if (!names.length) return [];
  return section(
    "Probes",
    table(
      ["", "probe", "what it does", "expected", "got"],
      names.map((name) => {
        const wanted = expected.probes[name];
        const got = cell.seen.probes[name] ?? "no result";
        const fine = !wanted || wanted.includes(got) || wanted.includes("any");
        return {
          values: [
            fine ? "\u2713" : "\u2717",
            name,
            cell.scenario.probes[name],
            wanted ? wanted.join(" or ") : "not said",
            got,
          ],
          wrong: !fine,
        };
      }),
    ),
  );
}

function differences(cell) {
  const rows = cell.differences.map((one) => ({ values: [one.what, one.expected, one.got], wrong: true }));
  return [
    ...(cell.why ? section("Why", block(cell.why)) : []),
    ...(cell.alone ? section("A second run", block(cell.alone)) : []),
    ...(rows.length ? section("Differences", table(["", "expected", "got"], rows)) : []),
  ];
}

function relations(cell) {
  if (!cell.violations.length) return [];
  const rows = cell.violations.map((one) => {
    const [here, there, other] =
      one.left === cell ? [one.left_value, one.right_value, one.right] : [one.right_value, one.left_value, one.left];
    const where = other === cell ? "as this cell shows" : cellButton(other);
    return { values: [one.law, one.what, here, there, where], wrong: true };
  });
  return section("Violated relations", table(["law", "of what", "here", "there", "there is"], rows));
}

function plan(cell) {
  if (cell.plan === null) return section("Plan", el("p", { class: "none" }, "none was reported"));
  const { rules, handled, limits, ...rest } = record.plans[cell.plan];
  const facts = Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ({
      values: [name.replaceAll("_", " "), worded(value)],
    }));
  const parts = Object.entries({ handled, limits })
    .filter(([, at]) => at !== undefined)
    .flatMap(([name, at]) => {
      const value = record.parts[at];
      if (Array.isArray(value))
        return value.map((one) => ({ values: [`not restricted: ${one.right}`, one.consequence ?? ""] }));
      return Object.entries(value).map(([kind, rights]) => ({
        values: [`${name} ${kind}`, worded(rights)],
      }));
    });
  return section(
    "Plan",
    table(["", ""], [...facts, ...parts]),
    el(
      "details",
      { open: rules.length < 8 },
      el("summary", {}, counted(rules.length, "rule")),
      table(
        ["path", "at most", "because of"],
        rules
          .map((at) => record.rules[at])
          .map((rule) => ({ values: [rule.path, worded(rule.at_most), worded(rule.origin)] })),
      ),
    ),
  );
}

// A word of a command as a shell takes it.
const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

// A part of the plan, which may be anything that JSON has.
function worded(value) {
  if (Array.isArray(value)) return value.map(worded).join(" ") || "none";
  return value && typeof value === "object" ? JSON.stringify(value) : said(value);
}

function consoles(cell) {
  // On the host lane a kernel's cells are shared by two boots, host-0 and host-1.
  const boots = record.boots.filter(
    (boot) => boot.key === cell.row.boot || (cell.row.boot === "host" && boot.key.startsWith("host")),
  );
  return section(
    "Console",
    ...(boots.length
      ? boots.flatMap((boot) => [
          el(
            "p",
            {},
            `boot ${boot.key}, ${boot.facts?.release ?? "no kernel answered"}, ` +
              `ended by ${boot.reason} after ${boot.seconds.toFixed(1)} s`,
          ),
          block(boot.console),
          ...(boot.noise.length ? [block(boot.noise.join("\n"))] : []),
        ])
      : [el("p", { class: "none" }, "no boot")]),
  );
}

function neighbours(cell) {
  const group = groups.find((one) => one.scenario === cell.scenario);
  const point = group.points.find((one) => [...one.byRow.values()].includes(cell));
  return el(
    "div",
    { class: "kernels" },
    record.rows
      .filter((row) => point.byRow.has(row.name))
      .map((row) => {
        const other = point.byRow.get(row.name);
        return el(
          "button",
          {
            type: "button",
            class: lookOf(other),
            "aria-current": String(other === cell),
            "aria-label": `the same on row ${row.name}: ${other.seen.outcome ?? ""} ${other.verdict}`,
            onclick: () => showCell(other),
          },
          other.letter,
          el("small", {}, row.name),
        );
      }),
  );
}

function showCell(cell) {
  const expected = record.expected[cell.expected];
  const again = el("button", { type: "button", class: "copy", onclick: () => copy(cell.again, again) }, "Copy");
  panel.replaceChildren(
    el(
      "div",
      { class: "top" },
      el("h2", { id: "cell-name" }, cell.scenario.name),
      el("button", { type: "button", class: "close", "aria-label": "Close", onclick: closeCell }, "Close"),
    ),
    el(
      "div",
      { class: "badges" },
      el("span", { class: `badge ${cell.isRed ? lookOf(cell) : ""}` }, cell.verdict),
      ...(cell.seen.outcome ? [el("span", { class: `badge ${cell.seen.outcome}` }, cell.seen.outcome)] : []),
      ...Object.entries(cell.axes).map(([name, value]) => el("span", { class: "badge" }, `${name}=${value}`)),
      el("span", { class: "badge" }, `row ${cell.row.name}`),
      el("span", { class: "badge" }, `${kernelOf(cell.row)}${cell.row.ceiling ? `, ceiling ${cell.row.ceiling}` : ""}`),
      el("span", { class: "badge" }, `${cell.ms} ms`),
    ),
    el("p", { class: "about" }, cell.scenario.about, cell.scenario.report ? ` (${cell.scenario.report})` : ""),
    ...differences(cell),
    ...relations(cell),
    ...section("Run it again", el("div", { class: "again" }, el("pre", { tabindex: "0" }, cell.again), again)),
    ...section("On all kernels", neighbours(cell)),
    ...section("Result", results(cell, expected)),
    ...probes(cell, expected),
    ...section("Policy", block(record.texts[cell.policy])),
    ...section("Command", block(record.commands[cell.command].map(quoted).join(" "))),
    ...plan(cell),
    ...section("Standard error", block(record.texts[cell.seen.stderr])),
    ...section("Standard output", block(record.texts[cell.seen.stdout])),
    ...consoles(cell),
  );
  panel.hidden = false;
  document.body.classList.add("open");
  panel.scrollTop = 0;
  history.replaceState(null, "", linkTo(cell));
  reveal(cell);
  panel.focus();
}

function closeCell() {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("open");
  history.replaceState(null, "", location.pathname + location.search);
  goTo(place.key, place.column);
}
