// Writes world.json: the shapes of the world map, each country under its numeric code (ISO 3166-1, three digits).
//
// Large countries come as the data of a path, small ones as a point alone; every one has the point at which a mark or
// name may stand. The projection is Equal Earth: areas are shaded, so areas must not lie. What the source gives without
// a code is drawn as land, without a name.

import { geoArea, geoCentroid, geoContains, geoEqualEarth, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The packages whose data is written. */
export const packages = ['world-atlas'];

const WIDTH = 1000;
const MARGIN = 6;
const SMALLEST = 8; // square units that a shape must cover to be seen and hit
const NORTH = 84;
const SOUTH = -56.5;

/** What neither file has under a code of its own: degrees east, degrees north. */
const PLACED = {
  '010': [0, -56], // Antarctica: its shape would take a quarter of the map
  '074': [3.4, -54.4],
  162: [105.6, -10.5],
  166: [96.8, -12.2],
  175: [45.2, -12.8],
  254: [-53.1, 3.9],
  292: [-5.35, 36.14],
  312: [-61.6, 16.2],
  474: [-61, 14.6],
  535: [-68.3, 12.2],
  581: [166.6, 19.3],
  638: [55.5, -21.1],
  744: [16, 78.5],
  772: [-171.8, -9.2],
  798: [179.2, -8.5],
};

/** Writes world.json into a directory. */
export default async function writeWorld(directory) {
  const coarse = await countries('countries-110m.json');
  const fine = await countries('countries-50m.json');
  const corners = { type: 'MultiPoint', coordinates: [[-180, 0], [180, 0], [0, NORTH], [0, SOUTH]] };
  const projection = geoEqualEarth().fitExtent([[MARGIN, MARGIN], [WIDTH - MARGIN, WIDTH]], corners);
  const top = projection([0, NORTH])[1];
  const [x, y] = projection.translate();
  projection.translate([x, y - top + MARGIN]);
  const height = Math.ceil(projection([0, SOUTH])[1]) + MARGIN;

  const found = {};
  const land = [];
  for (const country of coarse) {
    if (country.id === '010') continue;
    const path = drawn(country.geometry, projection);
    if (!country.id) land.push(path);
    else if (geoPath(projection).area(country) >= SMALLEST) found[country.id] = { path, point: placed(country, projection) };
  }
  for (const country of fine) {
    if (country.id && country.id !== '010' && !found[country.id]) found[country.id] = { point: placed(country, projection) };
  }
  for (const [code, degrees] of Object.entries(PLACED)) found[code] ??= { point: projection(degrees).map(Math.round) };
  const codes = Object.keys(found).sort();
  const world = { width: WIDTH, height, land: land.join(''), countries: Object.fromEntries(codes.map((code) => [code, found[code]])) };
  await writeFile(join(directory, 'world.json'), JSON.stringify(world));
}

async function countries(name) {
  const atlas = JSON.parse(await readFile(createRequire(import.meta.url).resolve(`world-atlas/${name}`), 'utf8'));
  return feature(atlas, atlas.objects.countries).features;
}

/** Where the mark of a country stands: the middle of its largest piece, in it when it can be. */
function placed(country, projection) {
  const largest = pieces(country.geometry).reduce((one, other) => (geoArea(other) > geoArea(one) ? other : one));
  const middle = geoCentroid(largest);
  const inside = geoContains(largest, middle) ? middle : largest.coordinates[0][0];
  return projection(inside).map(Math.round);
}

function pieces(geometry) {
  const all = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  return all.map((coordinates) => ({ type: 'Polygon', coordinates }));
}

/** Path data in whole units, each point told from the one before; rings that shrink to nothing are left out. */
function drawn(geometry, projection) {
  const rings = [];
  const streamed = projection.stream({
    polygonStart() {},
    polygonEnd() {},
    lineStart() { rings.push([]); },
    lineEnd() {},
    sphere() {},
    point(x, y) { rings.at(-1).push([Math.round(x), Math.round(y)]); },
  });
  for (const piece of pieces(geometry)) {
    streamed.polygonStart();
    for (const ring of piece.coordinates) {
      streamed.lineStart();
      for (const [x, y] of ring.slice(0, -1)) streamed.point(x, y);
      streamed.lineEnd();
    }
    streamed.polygonEnd();
  }
  return rings.map(simplified).filter((ring) => ring.length > 2).map(written).join('');
}

/** The ring without points that repeat the last one or lie on the way to the next. */
function simplified(ring) {
  const kept = [];
  for (const point of ring) {
    if (kept.length && same(kept.at(-1), point)) continue;
    while (kept.length > 1 && straight(kept.at(-2), kept.at(-1), point)) kept.pop();
    kept.push(point);
  }
  while (kept.length > 1 && same(kept[0], kept.at(-1))) kept.pop();
  return kept;
}

function same([a, b], [c, d]) {
  return a === c && b === d;
}

function straight([a, b], [c, d], [e, f]) {
  return (c - a) * (f - d) === (d - b) * (e - c);
}

function written(ring) {
  let [x, y] = ring[0];
  const steps = ring.slice(1).map(([u, v]) => {
    const step = `${u - x} ${v - y}`;
    [x, y] = [u, v];
    return step;
  });
  return `M${ring[0].join(' ')}l${steps.join(' ')}z`.replaceAll(' -', '-');
}
