"use strict";
(() => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const groups = [...document.querySelectorAll("[data-group]")];
  const search = document.getElementById("search");
  const outcome = document.getElementById("outcome");
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  const apply = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = (!outcome.value || row.dataset.outcome === outcome.value) && wanted.every((word) => words.get(row).includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector("[data-row]:not([hidden])");
    }
    none.hidden = count > 0 || rows.length === 0;
    shown.textContent = count === rows.length ? `${count} calls` : `${count} of ${rows.length} calls`;
  };

  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", apply);
  outcome.addEventListener("change", apply);
  apply();
})();
