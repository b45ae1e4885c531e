// The table of the class: searched, sorted, and shown a hundred rows at a time, so that ten thousand stay quick.
(() => {
  const PAGE = 100;
  const LINK = 9;
  const NUMBERS = new Set([3, 4, 6]);
  const rows = JSON.parse(document.getElementById("rows").textContent);
  const texts = rows.map((row) => row.slice(0, LINK).join("\n").toLowerCase());
  const at = (id) => document.getElementById(id);
  const [body, search, told, back, on] = ["body", "search", "told", "back", "on"].map(at);
  const heads = [...document.querySelectorAll("#table th button")];
  const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
  let order = rows.map((_, i) => i);
  let found = order;
  let first = 0;

  function cell(row, column) {
    const made = document.createElement(column ? "td" : "th");
    const value = row[column];
    if (NUMBERS.has(column)) made.className = "number";
    if (column) made.textContent = value === null ? "–" : value;
    else {
      made.scope = "row";
      const name = document.createElement(row[LINK] ? "a" : "span");
      if (row[LINK]) name.href = row[LINK];
      name.textContent = value;
      made.append(name);
    }
    return made;
  }

  function draw(from = first, count = PAGE) {
    const shown = found.slice(from, from + count);
    body.replaceChildren(
      ...shown.map((i) => {
        const line = document.createElement("tr");
        line.append(...rows[i].slice(0, LINK).map((_, column) => cell(rows[i], column)));
        return line;
      }),
    );
    const [begin, end, total, all] = [from + 1, from + shown.length, found.length, rows.length].map((n) => n.toLocaleString("en"));
    const searched = total === all ? "" : ` that were found among ${all}`; // on paper nothing else tells of the search
    told.textContent = shown.length ? `Rows ${begin} to ${end} of ${total}${searched}` : "Nobody was found";
    back.disabled = from === 0;
    on.disabled = from + count >= found.length;
  }

  function look() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = order.filter((i) => words.every((word) => texts[i].includes(word)));
    first = 0;
    draw();
  }

  function sort(button) {
    const column = heads.indexOf(button);
    const head = button.closest("th");
    const falling = head.getAttribute("aria-sort") === "ascending";
    for (const each of heads) each.closest("th").removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const sign = falling ? -1 : 1;
    const value = (i) => rows[i][column];
    order = rows.map((_, i) => i).sort((a, b) => {
      if (value(a) === null || value(b) === null) return (value(a) === null) - (value(b) === null);
      return sign * (NUMBERS.has(column) ? value(a) - value(b) : compare(value(a), value(b)));
    });
    look();
  }

  function turn(by) {
    first = Math.max(0, first + by * PAGE);
    draw();
  }

  search.addEventListener("input", look);
  addEventListener("beforeprint", () => draw(0, found.length)); // paper has no buttons to turn pages with
  addEventListener("afterprint", () => draw());
  back.addEventListener("click", () => turn(-1));
  on.addEventListener("click", () => turn(1));
  for (const button of heads) button.addEventListener("click", () => sort(button));
  at("table").hidden = false;
  draw();
})();
