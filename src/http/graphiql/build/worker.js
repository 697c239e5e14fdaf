// The three workers of the editor in one file, since most of their code is the same.

import { initialize } from 'monaco-editor/esm/vs/editor/editor.worker.js';
// It sets `onmessage` to what starts the JSON service.
import 'monaco-editor/esm/vs/language/json/json.worker.js';
import { GraphQLWorker } from 'monaco-graphql/esm/GraphQLWorker.js';

const startJson = self.onmessage;

// The first message only starts the service, which then takes `onmessage` over.
self.onmessage = (event) => {
  if (self.name === 'json') startJson(event);
  else if (self.name === 'graphql') initialize((context, data) => new GraphQLWorker(context, data));
  else initialize(null);
};
