// Takes the place of Prettier's plugins for JavaScript (540 kB), of which GraphiQL only uses
// the parser "jsonc", to tidy up variables and headers.

import { applyEdits, format } from 'jsonc-parser';

export const parsers = {
  jsonc: {
    astFormat: 'tidy-jsonc',
    parse: (text) => ({
      text: applyEdits(text, format(text, undefined, { insertSpaces: true, tabSize: 2, eol: '\n', insertFinalNewline: true })),
    }),
    locStart: () => 0,
    locEnd: ({ text }) => text.length,
  },
};

export const printers = {
  'tidy-jsonc': { print: (path) => path.node.text },
};
