// Sets the theme that was chosen last before anything is painted; src/lib/theme.ts changes it later.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("cafleet.theme");
  } catch {
    // storage may be forbidden; then the system decides
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
