// What the peers share: options, the line that says "ready", the end, and small HTTP answers.

import { createServer } from 'node:http';

// The standard output carries one line, for whoever started us; packages must not add to it.
console.log = console.error;
console.info = console.error;
console.debug = console.error;

// A mistake in how a peer was started: a sentence and no stack.
export function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

// The options: the defaults, changed by the JSON object in the first argument.
export function options(defaults) {
  let given;
  try {
    given = JSON.parse(process.argv[2] ?? '{}');
  } catch (error) {
    refuse(`the argument is not JSON: ${error.message}`);
  }
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    refuse('the argument must be a JSON object');
  }
  for (const [name, value] of Object.entries(given)) {
    if (!(name in defaults)) {
      refuse(`there is no option \`${name}\` (there are ${Object.keys(defaults).join(', ')})`);
    }
    const wanted = kind(defaults[name]);
    if (wanted !== 'null' && kind(value) !== wanted) {
      refuse(`option \`${name}\` must be of kind ${wanted}, not ${kind(value)}`);
    }
  }
  return { ...defaults, ...given };
}

function kind(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

// Refuses a value that is not in the list.
export function oneOf(name, value, allowed) {
  if (!allowed.includes(value)) {
    refuse(`option \`${name}\` must be one of ${allowed.join(', ')}, not \`${value}\``);
  }
}

// Listens on a free port of the loopback address. `make` is given the origin, because a server
// has to know its own address before it can answer, and returns the handler of requests.
export async function serve(make, describe) {
  let handler = (_request, response) => plain(response, 503, 'not ready');
  const server = createServer((request, response) => {
    Promise.resolve(handler(request, response)).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      if (response.headersSent) response.destroy();
      else plain(response, 500, 'the peer has failed; its standard error says how');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const origin = `http://127.0.0.1:${port}`;
  handler = await make(origin);
  process.stdout.write(`${JSON.stringify({ ...describe(origin), port })}\n`);
  endWithStdin();
}

// Whoever started a peer holds its standard input open; when they are gone, so is the peer.
function endWithStdin() {
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
}

// The whole body as text.
export async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

export function json(response, status, value, headers = {}) {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}

export function plain(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

export function html(response, status, text) {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(text);
}

// A number from a query string.
export function count(url, name, otherwise) {
  const text = url.searchParams.get(name);
  if (text === null) return otherwise;
  const number = Number(text);
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}
