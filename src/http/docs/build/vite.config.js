import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));

// The packages that end up in the output, for licences.txt.
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

const collectPackages = {
  name: 'collect-packages',
  // Modules of style sheets are emptied before the end, so they are noted where they are loaded.
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
  closeBundle() {
    const list = [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    writeFileSync(join(here, 'out/packages.json'), JSON.stringify(list, null, 1));
  },
};

export default defineConfig({
  base: '/docs/',
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  plugins: [collectPackages],
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
      output: {
        codeSplitting: false,
        entryFileNames: 'assets/docs-[hash].js',
        assetFileNames: 'assets/docs-[hash][extname]',
      },
    },
  },
});
