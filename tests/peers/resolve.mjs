// Lets the scripts in this folder find the packages that are installed elsewhere: nothing is ever
// installed into the source tree.
//
//   TEST_PEERS=<folder with node_modules> node --import ./resolve.mjs provider.mjs
//
// Node loads this file twice: first in the program, where it registers itself, and then as the
// hook, where only `resolve` counts.

import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  if (!process.env.TEST_PEERS) {
    process.stderr.write('TEST_PEERS must name the folder with node_modules; tests/run sets it\n');
    process.exit(2);
  }
  register(import.meta.url);
}

const here = new URL('.', import.meta.url).href;
const installed = pathToFileURL(join(process.env.TEST_PEERS ?? '', 'package.json')).href;

export function resolve(specifier, context, next) {
  const bare = !/^(\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(specifier);
  const ours = context.parentURL?.startsWith(here);
  return next(specifier, bare && ours ? { ...context, parentURL: installed } : context);
}
