// Builds src/*.js into the directory named as argument, with the licences of all that is bundled.
//
// Every file directly under src/ is an entry that a page may load by its name; folders below hold their parts.
// world.mjs, when it is there, exports a default function that writes the shapes of the world map beside them, and
// `packages`, the names of those whose data it writes.

import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [target] = process.argv.slice(2);
if (!target) throw new Error('usage: node build.mjs DIRECTORY');
const out = resolve(target);

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const sources = (await readdir(join(here, 'src'))).filter((name) => name.endsWith('.js'));
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: sources.map((name) => join('src', name)),
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['es2022'],
  minify: true,
  charset: 'utf8',
  legalComments: 'none', // the licences stand whole in a file of their own
  chunkNames: '[name]-[hash]',
  metafile: true,
});

const packages = new Set(Object.keys(metafile.inputs).map(packageOf).filter(Boolean));
if (existsSync(join(here, 'world.mjs'))) {
  const world = await import('./world.mjs');
  await world.default(out);
  for (const name of world.packages) packages.add(name);
}
await writeFile(join(out, 'licences.txt'), await licences([...packages].sort()));

/** The name of the package that a bundled file belongs to, undefined for our own. */
function packageOf(path) {
  return path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/)?.[1];
}

/** The licence texts of packages, each under its name and version; an error when one has none. */
async function licences(names) {
  const texts = ['Third-party software and data in this directory, with their licences.\n'];
  for (const name of names) {
    const folder = join(here, 'node_modules', name);
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(entry));
    if (!file) throw new Error(`${name} has no licence file, and what has none is not shipped`);
    const text = await readFile(join(folder, file), 'utf8');
    texts.push(`${'='.repeat(78)}\n${name} ${version} (${license})\n${'='.repeat(78)}\n\n${text.trim()}\n`);
  }
  return texts.join('\n');
}
