// Runs before the first paint, so that a dark page never flashes white. A file, since the CSP forbids inline scripts.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("headwater.theme");
  } catch (error) {
    choice = null; // storage is blocked: follow the system
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
