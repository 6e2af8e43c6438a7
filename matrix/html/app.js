// Puts the page together.

function facts() {
  const runtime = record.runtime;
  const told = [
    ["Runtime", runtime.version || "not known"],
    ["Commit", (runtime.commit.slice(0, 12) || "not known") + (runtime.changed ? " and changes" : "")],
    ["Written", record.written.replace("T", " ").replace("+00:00", " UTC")],
    ["Took", `${record.seconds.toFixed(1)} s, ${counted(record.boots.length, "boot")}`],
    ["Host", record.host.release],
  ];
  const pairs = told.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)));
  document.getElementById("facts").append(...pairs);
  const closing = document.getElementById("closing");
  closing.textContent = record.closing.replace(/\d+/g, (number) => Number(number).toLocaleString("en"));
  closing.className = record.status === 0 ? "good" : "bad";
}

function legend() {
  const looks = {
    s: "started",
    d: "degraded",
    r: "refused",
    x: "exec-failed",
    k: "known",
    "-": "skipped",
  };
  document.getElementById("legend").append(
    ...record.legend.map((text) => {
      const [letter, ...words] = text.split(" ");
      return el(
        "li",
        {},
        ...(letter.length === 1 && letter !== "a"
          ? [el("b", { class: looks[letter] ?? "harness" }, letter), words.join(" ")]
          : [text]),
      );
    }),
    el("li", {}, "\u2193 under an ABI ceiling"),
    el("li", {}, "! in a violated relation"),
  );
}

function followLink() {
  const cell = cells.find((one) => linkTo(one) === location.hash);
  if (cell) showCell(cell);
}

facts();
legend();
startGrid(showCell);
startFilter(draw);
startRelations();
draw();
followLink();
addEventListener("hashchange", followLink);
addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.matches("input, select, textarea");
  if (event.key === "Escape" && !panel.hidden) closeCell();
  else if (event.key === "Escape" && event.target === textField) goTo(place.key, place.column);
  else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    textField.focus();
    textField.select();
  }
});
