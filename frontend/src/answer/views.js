// Views of a result as tabs, drawn when they are first looked at; buttons that copy.

/** Gives life to what stands in a part of the page. texts: those of the form. */
export function enliven(part, texts) {
  for (const list of part.querySelectorAll('[data-views]')) tabs(list);
  for (const button of part.querySelectorAll('[data-copy]')) copying(button, texts);
}

/** Turns links to views into tabs (WAI-ARIA Authoring Practices, tabs with automatic activation). */
function tabs(list) {
  const links = [...list.querySelectorAll('a')];
  const panels = links.map((link) => document.querySelector(link.getAttribute('href')));
  list.setAttribute('role', 'tablist');
  const choose = (chosen, focus = true) => {
    links.forEach((link, index) => {
      link.setAttribute('aria-selected', String(index === chosen));
      link.tabIndex = index === chosen ? 0 : -1;
      panels[index].hidden = index !== chosen;
    });
    if (focus) {
      links[chosen].focus();
      history.replaceState(null, '', links[chosen].getAttribute('href'));
    }
    draw(panels[chosen]);
  };
  links.forEach((link, index) => {
    link.id = `tab-${index}`;
    link.setAttribute('role', 'tab');
    link.setAttribute('aria-controls', panels[index].id);
    panels[index].setAttribute('role', 'tabpanel');
    panels[index].setAttribute('aria-labelledby', link.id);
    link.addEventListener('click', (event) => {
      event.preventDefault();
      choose(index);
    });
    link.addEventListener('keydown', (event) => {
      const ahead = getComputedStyle(list).direction === 'rtl' ? -1 : 1;
      const steps = { ArrowRight: ahead, ArrowLeft: -ahead, Home: -index, End: links.length - 1 - index };
      const step = steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      choose((index + step + links.length) % links.length);
    });
  });
  const asked = links.findIndex((link) => link.getAttribute('href') === location.hash);
  choose(Math.max(0, asked), false);
}

async function draw(panel) {
  const place = panel.querySelector('[data-graph]:not([data-drawn])');
  if (!place) return;
  place.dataset.drawn = '';
  const { drawGraph } = await import('./graph.js');
  drawGraph(place.querySelector('.drawing'), JSON.parse(place.dataset.graph));
}

function copying(button, texts) {
  const source = document.getElementById(button.dataset.copy);
  if (!navigator.clipboard) return; // only where the page came safely
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.textContent = texts.copied;
  });
}
