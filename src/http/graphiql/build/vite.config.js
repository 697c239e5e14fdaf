import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const tidyJson = join(here, 'json-format.js');

// The packages that end up in the output, for THIRD_PARTY.txt. Type and style files count too.
const packages = new Map();

function noteModules(ids) {
  for (const id of ids) {
    const file = id.replace(/^\0+/, '').replace(/\?.*$/, '');
    const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
    if (!found) continue;
    const { name, version } = JSON.parse(readFileSync(join(found[1], 'package.json'), 'utf8'));
    packages.set(`${name}@${version}`, { name, version, folder: found[1] });
  }
}

function collectPackages() {
  return {
    name: 'collect-packages',
    // Modules of style sheets are emptied before this, so they are noted where they are loaded.
    transform(_code, id) {
      if (/\.css(\?|$)/.test(id)) noteModules([id]);
    },
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk') {
          noteModules(Object.entries(chunk.modules).filter(([, module]) => module.renderedLength > 0).map(([id]) => id));
        }
      }
    },
  };
}

// Two places where GraphiQL would reach for other hosts: the dialogue of short cuts links to some
// (the words stay, the links go), and descriptions in the schema could show images.
function dropForeign() {
  const change = (plugin, code, from, to) => {
    const changed = code.replaceAll(from, to);
    if (changed === code) plugin.error(`GraphiQL changed: adapt dropForeign (${from})`);
    return { code: changed, map: null };
  };
  return {
    name: 'drop-foreign',
    transform(code, id) {
      const file = id.split('?')[0];
      if (file.endsWith('/graphiql/dist/ui/short-keys.js')) {
        return change(this, code, /jsx\("a", \{ href: "https:[^"]*", target: "_blank", rel: "noreferrer", /g, 'jsx("span", { ');
      }
      if (file.endsWith('/@graphiql/react/dist/utility/markdown.js')) {
        return change(this, code, /linkify: true\s*\}\);/g, "linkify: true }).disable('image');");
      }
      return undefined;
    },
  };
}

// Packages made for server components say "use client"; there are none here.
function onwarn(warning, warn) {
  if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
}

export default defineConfig({
  base: '/graphiql/',
  resolve: {
    alias: [
      { find: 'prettier/plugins/estree', replacement: tidyJson },
      { find: 'prettier/parser-babel', replacement: tidyJson },
      // The same parser as a module, not as UMD.
      { find: 'prettier/parser-graphql', replacement: resolve(here, 'node_modules/prettier/plugins/graphql.mjs') },
    ],
    dedupe: ['react', 'react-dom', 'graphql'],
  },
  plugins: [dropForeign(), collectPackages(), {
    name: 'write-packages',
    closeBundle() {
      const list = [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      writeFileSync(join(here, 'out/packages.json'), JSON.stringify(list, null, 1));
    },
  }],
  worker: {
    format: 'iife',
    plugins: () => [collectPackages()],
    rolldownOptions: { onwarn, output: { entryFileNames: 'assets/worker-[hash].js' } },
  },
  build: {
    outDir: 'out',
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 1 << 20,
    chunkSizeWarningLimit: 1 << 20,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    sourcemap: false,
    target: ['chrome109', 'firefox115', 'safari16.4'],
    rolldownOptions: {
      onwarn,
      output: {
        codeSplitting: false,
        entryFileNames: 'assets/graphiql-[hash].js',
        assetFileNames: 'assets/graphiql-[hash][extname]',
      },
    },
  },
});
