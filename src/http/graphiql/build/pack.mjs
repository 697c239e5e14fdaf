// Turns the output of Vite (out/) into what the server embeds (../dist/).

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'out');
const dist = join(here, '../dist');

const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml', ttf: 'font/ttf' };

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
    /\b(unpkg\.com|esm\.sh|jsdelivr|cdnjs|fonts\.g(oogleapis|static)\.com)\b/,
  ];
  for (const load of loads) {
    const found = load.exec(text);
    if (found) throw new Error(`${name} loads from elsewhere: ${text.slice(Math.max(0, found.index - 80), found.index + 120)}`);
  }
}

// --- the notices -----------------------------------------------------------------------------

// Packages that come without a licence file, and the package of the same project that has it.
const SAME_PROJECT = {
  '@graphiql/plugin-doc-explorer': 'graphiql',
  '@graphiql/plugin-history': 'graphiql',
  'react-compiler-runtime': 'react',
  'react-remove-scroll-bar': 'react-remove-scroll',
};

function notices(folder) {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice|third-?party)/i.test(name) && !/licenses\.md$/i.test(name));
  return files.sort().map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
}

function thirdParty() {
  const groups = new Map();
  for (const { name, version, folder } of JSON.parse(readFileSync(join(out, 'packages.json'), 'utf8'))) {
    const { license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    let texts = notices(folder);
    if (!texts.length && SAME_PROJECT[name]) texts = notices(join(here, 'node_modules', SAME_PROJECT[name]));
    if (!texts.length || !license) throw new Error(`${name} ${version}: no licence found`);
    const text = texts.join('\n\n');
    if (!groups.has(text)) groups.set(text, []);
    groups.get(text).push(`${name} ${version} (${license})`);
  }
  const rule = '-'.repeat(80);
  const parts = [...groups].map(([text, names]) => `${rule}\n${names.join('\n')}\n${rule}\n\n${text}\n`);
  return `The GraphiQL page of Connectory contains the packages named below, under the licences given with them.

The style sheet contains the icon font "codicon" of monaco-editor, (c) Microsoft Corporation, from
vscode-codicons; its icons are under the Creative Commons Attribution 4.0 International licence
(CC BY 4.0), https://creativecommons.org/licenses/by/4.0/. It is unchanged.

monaco-editor contains DOMPurify 3.1.7, (c) Cure53 and other contributors, under the Apache License 2.0
or the Mozilla Public License 2.0; it is used here under the Apache License 2.0, whose text is below.

${parts.join('\n')}`;
}

// --- the files -------------------------------------------------------------------------------

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, 'assets'), { recursive: true });

const index = readFileSync(join(out, 'index.html'));
checkLocal('index.html', index.toString());
if (/<script(?![^>]*\bsrc=)/.test(index.toString())) throw new Error('index.html has a script of its own');
writeFileSync(join(dist, 'index.html'), index);
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

const licences = thirdParty();
writeFileSync(join(dist, 'THIRD_PARTY.txt'), licences);
writeFileSync(join(dist, 'THIRD_PARTY.txt.gz'), gzip(Buffer.from(licences)));

writeFileSync(
  join(dist, 'assets.rs'),
  `// Written by build/pack.mjs; do not edit.

/// The files below \`/graphiql/assets/\`: name, media type, and content packed with gzip.
pub static ASSETS: &[(&str, &str, &[u8])] = &[
${assets.map(({ name, type }) => `    (\n        "${name}",\n        "${type}",\n        include_bytes!("assets/${name}.gz"),\n    ),\n`).join('')}];
`,
);
console.log(`packed into ${dist}`);
