/* Says that a table is being checked, and for how long already, while the answer is awaited. */
const form = document.querySelector("form[data-waiting]");
form.addEventListener("submit", (event) => {
  if (event.submitter?.value === "download") return;
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  told.textContent = form.dataset.waiting;
  const clock = document.createElement("span");
  clock.setAttribute("aria-hidden", "true");
  told.append(" ", clock);
  form.append(told);
  const began = Date.now();
  const tick = () => { clock.textContent = `${Math.round((Date.now() - began) / 1000)} s`; };
  tick();
  setInterval(tick, 1000);
});
