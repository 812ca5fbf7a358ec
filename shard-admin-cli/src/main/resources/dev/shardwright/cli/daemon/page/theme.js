// Light or dark: what was chosen here last, else what the system says. Runs before the page is painted, so it is no module.
(() => {
  const KEY = "shardwright.theme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : null;
  };
  const current = () => chosen() ?? (system.matches ? "dark" : "light");

  function show() {
    root.dataset.theme = current();
    const button = document.getElementById("theme");
    if (button) {
      const other = current() === "dark" ? "light" : "dark";
      button.textContent = other === "dark" ? "☾ Dark" : "☀ Light";
      button.setAttribute("aria-label", `Switch to the ${other} theme`);
    }
    document.dispatchEvent(new Event("themechange"));
  }

  show();
  system.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", () => {
    show();
    document.getElementById("theme").addEventListener("click", () => {
      localStorage.setItem(KEY, current() === "dark" ? "light" : "dark");
      show();
    });
  });
})();
