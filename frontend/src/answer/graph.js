// Draws things and their links by forces, once and without movement; the list beside says the same.

import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force';

const STEPS = 300;
const NAMED = 24; // more names than these hide each other
const SVG = 'http://www.w3.org/2000/svg';

/** Draws a graph into an element. nodes: { text, href, language }; edges: [from, to, name] by position. */
export function drawGraph(place, { nodes, edges }) {
  const points = nodes.map((node, index) => ({ ...node, index, links: 0 }));
  const links = edges.map(([source, target, name]) => ({ source: points[source], target: points[target], name }));
  for (const { source, target } of links) {
    source.links += 1;
    target.links += 1;
  }
  const busiest = [...points].sort((a, b) => b.links - a.links).slice(0, NAMED);
  const named = new Set(busiest);
  forceSimulation(points)
    .force('links', forceLink(links).distance(110))
    .force('apart', forceManyBody().strength(-420))
    .force('room', forceCollide(22))
    .force('x', forceX().strength(0.06))
    .force('y', forceY().strength(0.09))
    .stop()
    .tick(STEPS);
  const left = Math.min(...points.map(({ x }) => x)) - 90;
  const top = Math.min(...points.map(({ y }) => y)) - 40;
  const width = Math.max(...points.map(({ x }) => x)) + 90 - left;
  const height = Math.max(...points.map(({ y }) => y)) + 40 - top;
  // For those who see it: the list beside is what a screen reader and the keyboard go through.
  const svg = add(null, 'svg', { viewBox: [left, top, width, height].map(Math.round).join(' '), 'aria-hidden': 'true', class: 'graph' });
  for (const { source, target, name } of links) {
    const line = add(svg, 'line', { x1: source.x, y1: source.y, x2: target.x, y2: target.y });
    if (name) add(line, 'title').textContent = name;
    if (name && links.length <= 30) {
      add(svg, 'text', { x: (source.x + target.x) / 2, y: (source.y + target.y) / 2, class: 'link' }).textContent = shortened(name);
    }
  }
  for (const point of points) {
    const link = add(svg, 'a', point.href ? { href: point.href, tabindex: -1 } : {});
    add(link, 'title').textContent = point.text;
    add(link, 'circle', { cx: point.x, cy: point.y, r: 6 + Math.min(8, point.links) });
    if (!named.has(point)) continue;
    const text = add(link, 'text', { x: point.x, y: point.y - 12 - Math.min(8, point.links) });
    text.textContent = shortened(point.text);
    if (point.language) text.setAttribute('lang', point.language);
  }
  place.replaceChildren(svg);
  place.hidden = false;
}

function add(parent, name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, typeof value === 'number' ? String(Math.round(value * 10) / 10) : value);
  }
  parent?.append(element);
  return element;
}

function shortened(text) {
  return text.length > 26 ? `${text.slice(0, 24)}…` : text;
}
