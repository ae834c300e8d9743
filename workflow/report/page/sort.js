"use strict";
/* A button in each heading of a table of the class "sortable" sorts its rows by that column.
   Notes (class "note") stay below their rows, and ties keep their order. */
(() => {
  const text = (cell) => {
    if (cell.dataset.sort) return cell.dataset.sort;
    const words = [...cell.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return (words.length ? words[0].data : cell.textContent).trim();
  };

  // "1,234.5", "−0.0012", "95.1%", "0.97 ± 0.01", "< 0.001"; NaN for anything else.
  const number = (words) => {
    const [bound, digits] = words.startsWith("< ") ? [0.5, words.slice(2)] : [1, words];
    const found = /^[+±\-\u2212]?\d[\d,]*(\.\d+)?/.exec(digits);
    return found ? bound * Number(found[0].replace(/[,+±]/g, "").replace("\u2212", "-")) : NaN;
  };

  // In a column of numbers, other entries ("–", "failed") come last in either direction.
  const compare = (a, b, numeric, direction) => {
    const [x, y] = [number(a), number(b)];
    if (!numeric) return direction * a.localeCompare(b, "en", {numeric: true});
    if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
    return direction * (x - y);
  };

  const sort = (body, column, direction) => {
    const groups = [];
    for (const row of body.rows) {
      if (row.classList.contains("note") && groups.length) groups.at(-1).rows.push(row);
      else groups.push({key: row.cells[column] ? text(row.cells[column]) : "", rows: [row]});
    }
    const numeric = groups.some((group) => !isNaN(number(group.key)));
    groups.sort((a, b) => compare(a.key, b.key, numeric, direction));
    body.append(...groups.flatMap((group) => group.rows));
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    const status = document.createElement("div");
    status.className = "sr";
    status.setAttribute("role", "status");
    table.after(status);
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      if (!heading.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const falling = heading.getAttribute("aria-sort") === "ascending";
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
        for (const body of table.tBodies) sort(body, column, falling ? -1 : 1);
        status.textContent = `Sorted by ${heading.textContent.trim()}, ${heading.getAttribute("aria-sort")}.`;
      });
    });
  }
})();
