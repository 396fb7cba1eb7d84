// The only code of this page: it hides events that are not looked for. Without it all of them are shown.
(() => {
  const box = document.getElementById("filter");
  if (!box) return;
  const words = box.querySelector("input[type=search]");
  const kinds = [...box.querySelectorAll("input[type=checkbox]")];
  const rows = [...document.querySelectorAll(".events > li[data-kind]")];
  const count = box.querySelector("output");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    const chosen = new Set(kinds.filter((kind) => kind.checked).map((kind) => kind.value));
    let shown = 0;
    rows.forEach((row, at) => {
      const fits = chosen.has(row.dataset.kind) && texts[at].includes(wanted);
      row.hidden = !fits;
      shown += fits;
    });
    count.textContent = `${shown} of ${rows.length}`;
  };
  box.addEventListener("input", apply);
  box.hidden = false;
  apply();
})();
