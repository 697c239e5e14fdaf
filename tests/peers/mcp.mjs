// An MCP server by the official SDK: Streamable HTTP with sessions at /mcp, open or protected,
// with a control endpoint under /test.
//
//   node mcp.mjs '{"auth": "provider", "issuer": "http://127.0.0.1:4000", "introspection": {…}}'
//
// Prints {"url", "origin", "port"} when it listens and ends when its standard input does.

import { createHash, randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { body, count, json, oneOf, options, plain, refuse, serve } from './common.mjs';
import { compress } from './compress.mjs';
import { EventStore } from './events.mjs';
import { addTools } from './tools.mjs';

const config = options({
  // none; provider: bearer tokens of an authorization server; static: bearer tokens of the list;
  // header: an API key in a header.
  auth: 'none',
  // The authorization server, for `provider`.
  issuer: '',
  // Who asks it about tokens (RFC 7662): {"id", "secret"}.
  introspection: {},
  // A token must have this server as its audience.
  audience: true,
  // Token or key to the name of whom it belongs to, for `static` and `header`.
  tokens: {},
  // The header of the key, for `header`.
  header: 'x-api-key',
  // How the protected-resource metadata is found: header (named in the challenge), well-known
  // (only at its place for this path), root (only at that of the origin), none.
  metadata: 'header',
  // The scope named in the challenge and the metadata; empty: none.
  scope: '',
  // A token without that scope is answered with 403 insufficient_scope.
  enforceScope: false,
  // Answers are one JSON document instead of a stream of events, where that is possible.
  json: false,
  // Answers are compressed for who accepts gzip.
  gzip: false,
});
oneOf('auth', config.auth, ['none', 'provider', 'static', 'header']);
oneOf('metadata', config.metadata, ['header', 'well-known', 'root', 'none']);
const { id: introspector, secret } = config.introspection;
if (config.auth === 'provider' && !(config.issuer && introspector && secret)) {
  refuse('`auth` is provider: `issuer` and `introspection` with `id` and `secret` are needed');
}

// ---------------------------------------------------------------------------------------------
// What was asked; a credential is shown as the beginning of its SHA-256

const log = [];
const hash = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

function note(request) {
  const headers = { ...request.headers };
  for (const name of ['authorization', config.header]) {
    if (headers[name] === undefined) continue;
    headers[`${name}-sha256`] = hash(headers[name].replace(/^Bearer /, ''));
    delete headers[name];
  }
  const entry = { number: log.length + 1, method: request.method, path: request.url, headers };
  log.push(entry);
  return entry;
}

// ---------------------------------------------------------------------------------------------
// Who may come in

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const PLACES = { header: `${WELL_KNOWN}/mcp`, 'well-known': `${WELL_KNOWN}/mcp`, root: WELL_KNOWN };

// What a token stands for, or nothing if it is not good here.
async function claims(token, resource) {
  if (config.auth !== 'provider') {
    const sub = Object.hasOwn(config.tokens, token) ? config.tokens[token] : undefined;
    return sub === undefined ? undefined : { active: true, sub, scope: config.scope };
  }
  const answer = await fetch(`${config.issuer}/token/introspection`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${introspector}:${secret}`).toString('base64')}`,
    },
    body: new URLSearchParams({ token }),
  });
  if (!answer.ok) throw new Error(`introspection was answered with ${answer.status}`);
  const found = await answer.json();
  const ours = !config.audience || [found.aud].flat().includes(resource);
  return found.active && ours ? found : undefined;
}

function challenge(origin, error) {
  const parts = [];
  if (error) parts.push(`error="${error}"`);
  if (config.metadata === 'header') {
    parts.push(`resource_metadata="${origin}${PLACES.header}"`);
  }
  if (config.scope) parts.push(`scope="${config.scope}"`);
  return parts.length > 0 ? `Bearer ${parts.join(', ')}` : 'Bearer';
}

function turnAway(response, origin, status, error) {
  json(response, status, { error: error ?? 'unauthorized' }, {
    'www-authenticate': challenge(origin, error),
  });
  return undefined;
}

// Whom the request is from; undefined if it was turned away.
async function admit(request, response, origin) {
  if (config.auth === 'none') return {};
  const { authorization = '' } = request.headers;
  const given = config.auth === 'header'
    ? request.headers[config.header]
    : /^Bearer (.+)$/i.exec(authorization)?.[1];
  if (!given) return turnAway(response, origin, 401);
  const found = await claims(given, `${origin}/mcp`);
  if (!found) return turnAway(response, origin, 401, 'invalid_token');
  const scopes = (found.scope ?? '').split(' ').filter(Boolean);
  if (config.enforceScope && !scopes.includes(config.scope)) {
    return turnAway(response, origin, 403, 'insufficient_scope');
  }
  const { sub, aud, client_id: clientId } = found;
  return { token: hash(given), clientId: clientId ?? '', scopes, extra: { sub, aud } };
}

function metadata(origin) {
  return {
    resource: `${origin}/mcp`,
    authorization_servers: [config.issuer],
    bearer_methods_supported: ['header'],
    resource_name: 'MCP server of the tests',
    ...(config.scope && { scopes_supported: config.scope.split(' ') }),
  };
}

// ---------------------------------------------------------------------------------------------
// Sessions

const sessions = new Map();

async function open() {
  const server = new McpServer(
    { name: 'connectory-test-mcp', version: '1.0.0' },
    { capabilities: { logging: {} } },
  );
  addTools(server);
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    enableJsonResponse: config.json,
    eventStore: config.json ? undefined : new EventStore(),
    onsessioninitialized: (id) => sessions.set(id, { server, transport }),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await server.connect(transport);
  return transport;
}

// Says something on the stream that a GET has opened, once it is open: before that, nobody hears.
function greet(server, response) {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (status, ...rest) => {
    if (status === 200) {
      setImmediate(() => server.server.sendLoggingMessage({ level: 'info', data: 'welcome' })
        .catch((error) => process.stderr.write(`${error.stack}\n`)));
    }
    return writeHead(status, ...rest);
  };
}

async function mcp(request, response, origin, entry) {
  const auth = await admit(request, response, origin);
  if (!auth) return;
  const id = request.headers['mcp-session-id'];
  const session = sessions.get(id);
  if (id && !session) {
    const error = { code: -32001, message: 'Session not found' };
    json(response, 404, { jsonrpc: '2.0', error, id: null });
    return;
  }
  request.auth = auth;
  let message;
  if (request.method === 'POST') {
    try {
      message = JSON.parse(await body(request));
    } catch {
      const error = { code: -32700, message: 'Parse error' };
      json(response, 400, { jsonrpc: '2.0', error, id: null });
      return;
    }
    if (typeof message?.method === 'string') entry.rpc = message.method;
  }
  if (config.gzip) compress(request, response);
  if (request.method === 'GET' && session && !request.headers['last-event-id']) {
    greet(session.server, response);
  }
  const transport = session ? session.transport : await open();
  await transport.handleRequest(request, response, message);
}

// ---------------------------------------------------------------------------------------------
// The control endpoint

const refused = { count: 0, status: 401 };

function control(request, response, url) {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /test/log': return json(response, 200, log);
    case 'GET /test/sessions': return json(response, 200, [...sessions.keys()]);
    case 'POST /test/fail': {
      const [times, status] = [count(url, 'count', 1), count(url, 'status', 503)];
      if (times === undefined || !(status >= 400 && status <= 599)) {
        return plain(response, 400, '`count` must be a whole number, `status` 400 to 599');
      }
      return json(response, 200, Object.assign(refused, { count: times, status }));
    }
    default: return plain(response, 404, 'there is no such control');
  }
}

function fail(response, origin) {
  refused.count -= 1;
  if (refused.status === 401) turnAway(response, origin, 401, 'invalid_token');
  else plain(response, refused.status, 'broken on purpose');
}

await serve((origin) => (request, response) => {
  const url = new URL(request.url, origin);
  if (url.pathname.startsWith('/test/')) return control(request, response, url);
  const entry = note(request);
  response.on('finish', () => { entry.status = response.statusCode; });
  if (url.pathname === '/mcp') {
    if (refused.count > 0) return fail(response, origin);
    return mcp(request, response, origin, entry);
  }
  if (config.auth === 'provider' && url.pathname === PLACES[config.metadata]) {
    return json(response, 200, metadata(origin));
  }
  return plain(response, 404, 'not found');
}, (origin) => ({ url: `${origin}/mcp`, origin }));
