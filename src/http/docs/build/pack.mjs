// Turns the output of Vite (out/) into what the server embeds (../dist/).

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'out');
const dist = join(here, '../dist');

const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' };

// gzip the program: its output is the same everywhere, that of Node's zlib is not.
const gzip = (bytes) => execFileSync('gzip', ['-9', '-n', '-c'], { input: bytes, maxBuffer: 1 << 28 });

/** Nothing may be loaded from elsewhere. Plain links in texts and error messages are no loads. */
function checkLocal(name, text) {
  const loads = [
    /sourceMappingURL=(?!data:)/,
    /@import\s+(url\()?["']?https?:/,
    /url\(\s*["']?(https?:)?\/\//,
    /\b(import|importScripts|fetch|WebSocket|Worker|EventSource)\(\s*[`"'](https?:|wss?:|\/\/)/,
    /<(script|link|img|iframe)\b[^>]*\b(src|href)=["']?(https?:)?\/\//,
    /\b(unpkg\.com|esm\.sh|jsdelivr|cdnjs|fonts\.g(oogleapis|static)\.com|scarf\.sh)\b/,
  ];
  for (const load of loads) {
    const found = load.exec(text);
    if (found) throw new Error(`${name} loads from elsewhere: ${text.slice(Math.max(0, found.index - 80), found.index + 120)}`);
  }
}

// --- the notices -----------------------------------------------------------------------------

// Packages that name their licence and come without its text: whose they are, as they say.
const STATED = {
  format: 'Copyright 2010 - 2014 Sami Samhuri',
  'short-unique-id': 'Copyright Jean Lescure',
  'toggle-selection': 'Copyright sudodoki and Aleksej Shvajka',
};

const APACHE = () => readFileSync(join(here, 'node_modules/swagger-ui/LICENSE'), 'utf8').trim();
const MIT = () => `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

function notices(folder) {
  const read = (file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();
  const found = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => /^(licen[cs]es?|copying|notice|third-?party)\b/i.test(name));
  return found
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? readdirSync(path).sort().map((name) => read(join(path, name))) : [read(path)];
    });
}

function noticesOf({ name, version, folder }, license) {
  const texts = notices(folder);
  if (texts.length) return texts;
  const text = { MIT, 'Apache-2.0': APACHE }[license];
  if (STATED[name] && text) return [`${STATED[name]}\n\n${text()}`];
  throw new Error(`${name} ${version} (${license}): no licence found in ${folder}`);
}

function licences() {
  const groups = new Map();
  const missing = [];
  for (const found of JSON.parse(readFileSync(join(out, 'packages.json'), 'utf8'))) {
    const said = JSON.parse(readFileSync(join(found.folder, 'package.json'), 'utf8'));
    const license = said.license ?? said.licenses?.[0]?.type;
    try {
      const text = noticesOf(found, license).join('\n\n');
      if (!groups.has(text)) groups.set(text, []);
      groups.get(text).push(`${found.name} ${found.version} (${license})`);
    } catch (error) {
      missing.push(error.message);
    }
  }
  if (missing.length) throw new Error(missing.join('\n'));
  const rule = '-'.repeat(80);
  const parts = [...groups].map(([text, names]) => `${rule}\n${names.join('\n')}\n${rule}\n\n${text}\n`);
  return `The REST reference page of Connectory contains the packages named below, under the licences given with them.\n\n${parts.join('\n')}`;
}

// --- the files -------------------------------------------------------------------------------

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, 'assets'), { recursive: true });

const index = readFileSync(join(out, 'index.html'));
checkLocal('index.html', index.toString());
if (/<script(?![^>]*\bsrc=)/.test(index.toString())) throw new Error('index.html has a script of its own');
writeFileSync(join(dist, 'index.html.gz'), gzip(index));

const assets = [];
for (const name of readdirSync(join(out, 'assets')).sort()) {
  const bytes = readFileSync(join(out, 'assets', name));
  checkLocal(name, bytes.toString());
  const type = TYPES[name.split('.').pop()];
  if (!type) throw new Error(`${name}: unknown type`);
  const packed = gzip(bytes);
  writeFileSync(join(dist, 'assets', `${name}.gz`), packed);
  assets.push({ name, type });
  console.log(`${name}  ${bytes.length} -> ${packed.length}`);
}

const text = Buffer.from(licences());
writeFileSync(join(dist, 'licences.txt.gz'), gzip(text));
console.log(`licences.txt  ${text.length} -> ${gzip(text).length}`);

writeFileSync(
  join(dist, 'assets.rs'),
  `// Written by build/pack.mjs; do not edit.

/// The files below \`/docs/assets/\`: name, media type, and content packed with gzip.
pub static ASSETS: &[(&str, &str, &[u8])] = &[
${assets.map(({ name, type }) => `    (\n        "${name}",\n        "${type}",\n        include_bytes!("assets/${name}.gz"),\n    ),\n`).join('')}];
`,
);
console.log(`packed into ${dist}`);
