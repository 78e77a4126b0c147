/* What makes a form quicker where scripts run; without them it does the same by its buttons. */
const form = document.getElementById("entry");
const type = location.pathname.split("/").pop();
const search = new URLSearchParams(location.search);
const language = document.documentElement.lang;

/* A further place for a value: the last one, empty and with the next number. */
form.addEventListener("click", (event) => {
  const button = event.target.closest("button[value^='add:']");
  const row = button?.previousElementSibling;
  if (!row?.classList.contains("row")) return;
  event.preventDefault();
  const copy = row.cloneNode(true);
  const last = row.querySelector("[name]").name.replace("@", "");
  const next = last.replace(/\d+$/, (number) => Number(number) + 1);
  copy.id = `${next}-row`;
  copy.querySelectorAll(".notes, .suggested").forEach((each) => each.remove());
  copy.querySelectorAll("[name]").forEach((each) => {
    each.name = each.name.replace(last, next);
    if (each.id) each.id = next;
    if (!each.name.endsWith("@")) each.value = "";
    for (const name of ["required", "aria-invalid", "aria-controls", "aria-activedescendant"]) each.removeAttribute(name);
    if (each.tagName !== "SELECT") each.setAttribute("aria-labelledby", `${last.replace(/\.\d+$/, "")}-label`);
  });
  row.after(copy);
  copy.querySelector("[name]").focus();
});

/* Check a field when it is left: only what is said of it is shown. */
let asked;
form.addEventListener("change", async (event) => {
  const field = event.target.closest(".field");
  if (!field?.id || !event.target.value || event.target.name === "note") return;
  asked?.abort();
  asked = new AbortController();
  const address = new URL("/api/validate", location.href);
  for (const [name, value] of search) address.searchParams.set(name, value);
  address.searchParams.set("kind", type);
  address.searchParams.set("lang", language);
  const body = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(address, { method: "POST", body, signal: asked.signal, headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    show(field, (await answer.json()).notes);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
});

function show(field, notes) {
  const ours = Object.entries(notes).filter(([key]) => key === field.id || key.startsWith(`${field.id}.`)).flatMap(([, each]) => each);
  field.querySelectorAll(":scope > .live").forEach((each) => each.remove());
  const grave = ours.some((note) => note.grave);
  field.classList.toggle("wrong", grave);
  field.querySelectorAll("input, textarea, select").forEach((each) => grave ? each.setAttribute("aria-invalid", "true") : each.removeAttribute("aria-invalid"));
  field.querySelectorAll(".notes").forEach((each) => each.remove());
  if (!ours.length) return;
  const place = document.createElement("div");
  place.className = "notes live";
  place.setAttribute("role", "status");
  for (const note of ours) {
    const line = document.createElement("p");
    line.className = note.grave ? "grave" : "light";
    line.textContent = note.text;
    place.append(line);
  }
  field.append(place);
}

/* Suggest entries while their name is typed (the combobox pattern of the ARIA practices). */
let waiting;
form.addEventListener("input", (event) => {
  const input = event.target.closest("[data-lookup]");
  if (!input) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => suggest(input), 150);
});

async function suggest(input) {
  close(input);
  if (input.value.trim().length < 2) return;
  const address = new URL(`/submit/${type}/entries`, location.href);
  address.searchParams.set("field", input.name.replace(/\.\d+(?=\.|$)/g, ""));
  address.searchParams.set("q", input.value);
  address.searchParams.set("lang", language);
  const answer = await fetch(address);
  if (!answer.ok || document.activeElement !== input) return;
  const { entries } = await answer.json();
  if (!entries.length) return;
  const list = document.createElement("ul");
  list.className = "suggested";
  list.id = `${input.id}-found`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() ?? "");
  entries.forEach((entry, number) => {
    const option = document.createElement("li");
    option.id = `${list.id}-${number}`;
    option.setAttribute("role", "option");
    option.dataset.value = entry.value;
    option.textContent = entry.label;
    if (entry.language) option.lang = entry.language;
    list.append(option);
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    take(input, event.target.closest("[role=option]"));
  });
  input.after(list);
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "true"], ["aria-autocomplete", "list"], ["aria-controls", list.id]]) input.setAttribute(name, value);
}

function close(input) {
  input.parentElement.querySelector(".suggested")?.remove();
  for (const name of ["role", "aria-expanded", "aria-autocomplete", "aria-controls", "aria-activedescendant"]) input.removeAttribute(name);
}

function take(input, option) {
  if (option) input.value = option.dataset.value;
  close(input);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

form.addEventListener("keydown", (event) => {
  const input = event.target.closest("[data-lookup]");
  const list = input?.parentElement.querySelector(".suggested");
  if (!list) return;
  const options = [...list.children];
  const here = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const next = options[(here + step + options.length) % options.length];
    options[here]?.removeAttribute("aria-selected");
    next.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" && here >= 0) take(input, options[here]);
  else if (event.key === "Escape") close(input);
  else return;
  event.preventDefault();
});
form.addEventListener("focusout", (event) => event.target.matches("[data-lookup]") && close(event.target));
