// Before the first paint: the theme that was chosen, else the system's. A file of its own, as the policy allows no script in the page.
try {
  const chosen = localStorage.getItem('pentimento.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Without storage the system's preference holds.
}
