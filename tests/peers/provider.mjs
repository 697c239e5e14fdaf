// An authorization server and OpenID provider: `oidc-provider`, with pages of our own to sign in
// and consent, and a control endpoint under /test that sees and breaks things.
//
//   node provider.mjs '{"redirectUris": ["http://127.0.0.1:8080/callback"]}'
//
// Prints {"issuer", "port"} when it listens and ends when its standard input does.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider, { errors, interactionPolicy } from 'oidc-provider';
import { body, count, html, json, oneOf, options, plain, refuse, serve } from './common.mjs';

const config = options({
  // Where the clients made beforehand may be sent back to.
  redirectUris: [],
  // RFC 7591 without an initial access token.
  registration: true,
  // PKCE is asked of every client; of one without a secret it always is.
  pkce: true,
  // RFC 8707; tokens then carry the resource as their audience.
  resourceIndicators: true,
  // The resources that exist; empty: any.
  resources: [],
  // The scopes of a resource.
  scopes: ['mcp:read', 'mcp:call'],
  // opaque or jwt; a JWT only for a resource.
  accessTokens: 'opaque',
  revocation: true,
  introspection: true,
  clientCredentials: true,
  // When there is a refresh token: always, offline (scope offline_access was granted), never.
  refreshTokens: 'always',
  // A used refresh token is replaced; using it again kills the whole family.
  rotation: true,
  // Seconds an access token lives.
  accessTokenTtl: 3600,
  // No /.well-known/oauth-authorization-server, only OpenID's document.
  oidcOnly: false,
});
oneOf('accessTokens', config.accessTokens, ['opaque', 'jwt']);
oneOf('refreshTokens', config.refreshTokens, ['always', 'offline', 'never']);
if (!Number.isInteger(config.accessTokenTtl) || config.accessTokenTtl < 1) {
  refuse('option `accessTokenTtl` must be a whole number of seconds, at least 1');
}

// The secrets of the clients made beforehand: known to the tests, worth nothing elsewhere.
const secretOf = (id) => `${id}-client-secret-0123456789abcdef`;

function clients() {
  const person = {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: config.redirectUris,
  };
  const machine = { redirect_uris: [], response_types: [] };
  const list = [{
    ...machine,
    client_id: 'machine',
    client_secret: secretOf('machine'),
    grant_types: config.clientCredentials ? ['client_credentials'] : [],
    token_endpoint_auth_method: 'client_secret_basic',
  }, {
    // What a protected resource uses to ask about tokens.
    ...machine,
    client_id: 'resource-server',
    client_secret: secretOf('resource-server'),
    grant_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
  }];
  if (config.redirectUris.length > 0) {
    list.push(
      { ...person, client_id: 'static-public', token_endpoint_auth_method: 'none' },
      {
        ...person,
        client_id: 'static-secret',
        client_secret: secretOf('static-secret'),
        token_endpoint_auth_method: 'client_secret_basic',
      },
      {
        ...person,
        client_id: 'static-post',
        client_secret: secretOf('static-post'),
        token_endpoint_auth_method: 'client_secret_post',
      },
    );
  }
  return list;
}

// Sign in once per session, consent every time: what a test meets does not depend on what an
// earlier one has done.
function policy() {
  const base = interactionPolicy.base();
  const { Check } = interactionPolicy;
  base.get('consent').checks.add(new Check(
    'consent_every_time',
    'consent is asked for each time',
    (ctx) => (ctx.oidc.result?.consent ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT),
  ));
  return base;
}

async function resourceServer(_ctx, resource) {
  if (config.resources.length > 0 && !config.resources.includes(resource)) {
    throw new errors.InvalidTarget();
  }
  return {
    scope: config.scopes.join(' '),
    audience: resource,
    accessTokenTTL: config.accessTokenTtl,
    accessTokenFormat: config.accessTokens,
    jwt: { sign: { alg: 'ES256' } },
  };
}

function settings() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'test' };
  return {
    clients: clients(),
    jwks: { keys: [key] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    cookies: { keys: [randomBytes(32).toString('hex')] },
    scopes: ['openid', 'offline_access', ...config.scopes],
    pkce: { required: (_ctx, client) => config.pkce || client.clientAuthMethod === 'none' },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { policy: policy(), url: (_ctx, { uid }) => `/interaction/${uid}` },
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && (config.refreshTokens === 'always'
        || (config.refreshTokens === 'offline' && source.scopes.has('offline_access'))),
    rotateRefreshToken: config.rotation,
    ttl: {
      AccessToken: config.accessTokenTtl,
      ClientCredentials: config.accessTokenTtl,
      AuthorizationCode: 60,
      Grant: 86400,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 86400,
      Session: 86400,
    },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = page('The request was refused', `<p>${escape(out.error)}: ${
        escape(out.error_description ?? '')}</p>`);
    },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: config.registration, issueRegistrationAccessToken: true },
      revocation: { enabled: config.revocation },
      introspection: { enabled: config.introspection },
      clientCredentials: { enabled: config.clientCredentials },
      resourceIndicators: {
        enabled: config.resourceIndicators,
        getResourceServerInfo: resourceServer,
        // A token request that names no resource means the one that was consented to.
        useGrantedResource: () => true,
      },
    },
  };
}

// ---------------------------------------------------------------------------------------------
// What was asked, in order, without a secret in it

const log = [];
const grants = new Set();
const RECORDED = ['authorization', 'token', 'revocation', 'registration', 'introspection'];
const SHOWN = [
  'client_id', 'code_challenge_method', 'grant_type', 'prompt', 'redirect_uri', 'resource',
  'response_type', 'scope', 'token_type_hint',
];
const REGISTERED = [
  'application_type', 'client_name', 'client_uri', 'grant_types', 'redirect_uris',
  'response_types', 'scope', 'token_endpoint_auth_method',
];

function clientAuth(authorization, params) {
  if (/^basic /i.test(authorization ?? '')) return 'client_secret_basic';
  return params.client_secret ? 'client_secret_post' : 'none';
}

function note(route, request, params, outcome) {
  const shown = route === 'registration' ? REGISTERED : SHOWN;
  const entry = { number: log.length + 1, route, method: request.method };
  for (const name of shown) {
    if (params[name] !== undefined) entry[name] = params[name];
  }
  if (['token', 'revocation', 'introspection'].includes(route)) {
    entry.client_auth = clientAuth(request.headers.authorization, params);
  }
  log.push(Object.assign(entry, outcome));
}

async function record(ctx, next) {
  await next();
  const { oidc } = ctx;
  if (!oidc || !RECORDED.includes(oidc.route)) return;
  const params = { ...oidc.body, ...oidc.params };
  const outcome = { status: ctx.status };
  if (ctx.body?.error) outcome.error = ctx.body.error;
  // Basic carries the id in the header, so the parameters may not name it.
  if (oidc.entities.Client) outcome.client_id = oidc.entities.Client.clientId;
  if (oidc.entities.Grant) grants.add(oidc.entities.Grant.jti);
  note(oidc.route, ctx.req, params, outcome);
}

// ---------------------------------------------------------------------------------------------
// The pages

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const page = (title, inner) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${escape(title)}</title></head>
<body><main><h1>${escape(title)}</h1>${inner}</main></body></html>`;

const loginPage = () => page('Sign in', `<form method="post">
<label>User name <input name="login" autocomplete="username" required></label>
<button id="sign-in">Sign in</button></form>`);

const consentPage = ({ params, session }) => page('Allow access?', `<p><b id="client">${
  escape(params.client_id)}</b> asks for access as <b id="account">${
  escape(session?.accountId ?? '')}</b> to <b id="resource">${
  escape(params.resource ?? 'everything')}</b>: <b id="scope">${escape(params.scope ?? '')}</b></p>
<form method="post"><button id="allow" name="choice" value="allow">Allow</button>
<button id="deny" name="choice" value="deny">Deny</button></form>`);

async function consent(provider, { prompt, params, session, grantId }) {
  const grant = (grantId && await provider.Grant.find(grantId))
    || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  return grant.save();
}

// The answer to a page, as the provider wants it.
async function decide(provider, details, form) {
  if (form.get('choice') === 'deny') {
    return { error: 'access_denied', error_description: 'the user has denied access' };
  }
  if (details.prompt.name === 'login') {
    const accountId = form.get('login')?.trim();
    return accountId ? { login: { accountId } } : undefined;
  }
  if (form.get('choice') !== 'allow') return undefined;
  const grantId = await consent(provider, details);
  grants.add(grantId);
  return { consent: { grantId } };
}

async function interact(provider, request, response) {
  let details;
  try {
    details = await provider.interactionDetails(request, response);
  } catch {
    // Old, foreign, or without its cookie.
    return html(response, 400, page('This page is no longer valid', ''));
  }
  const ask = () => html(
    response,
    200,
    details.prompt.name === 'login' ? loginPage() : consentPage(details),
  );
  if (request.method !== 'POST') return ask();
  const result = await decide(provider, details, new URLSearchParams(await body(request)));
  if (!result) return ask();
  // The sign-in must outlive the consent, which is a second submission.
  const mergeWithLastSubmission = !('error' in result);
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission });
}

// ---------------------------------------------------------------------------------------------
// The control endpoint

const broken = { count: 0, status: 503 };
const accessTokens = new Set();

async function revokeAll(provider) {
  for (const id of grants) {
    await provider.Grant.adapter.destroy(id);
    for (const model of ['AccessToken', 'RefreshToken', 'AuthorizationCode']) {
      await provider[model].revokeByGrantId(id);
    }
  }
  const killed = grants.size;
  grants.clear();
  return { grants: killed };
}

// The access tokens die as if their time were up; what refreshes them lives on.
async function expireAccess(provider) {
  const killed = accessTokens.size;
  for (const id of accessTokens) {
    await provider.AccessToken.adapter.destroy(id);
    await provider.ClientCredentials.adapter.destroy(id);
  }
  accessTokens.clear();
  return { tokens: killed };
}

async function introspect(provider, value) {
  for (const kind of ['AccessToken', 'RefreshToken', 'ClientCredentials']) {
    const found = value && await provider[kind].find(value);
    if (found) {
      return {
        active: !found.consumed,
        kind,
        aud: found.aud,
        scope: found.scope,
        sub: found.accountId,
        client_id: found.clientId,
        resource: found.resource,
      };
    }
  }
  return { active: false };
}

async function control(provider, request, response, url) {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /test/log': return json(response, 200, log);
    case 'POST /test/revoke-all': return json(response, 200, await revokeAll(provider));
    case 'POST /test/expire-access': return json(response, 200, await expireAccess(provider));
    case 'POST /test/fail': {
      const [times, status] = [count(url, 'count', 1), count(url, 'status', 503)];
      if (times === undefined || !(status >= 400 && status <= 599)) {
        return plain(response, 400, '`count` must be a whole number, `status` 400 to 599');
      }
      return json(response, 200, Object.assign(broken, { count: times, status }));
    }
    case 'GET /test/introspect':
      return json(response, 200, await introspect(provider, url.searchParams.get('token')));
    default: return plain(response, 404, 'there is no such control');
  }
}

async function fail(request, response) {
  broken.count -= 1;
  const params = Object.fromEntries(new URLSearchParams(await body(request)));
  note('token', request, params, { status: broken.status, error: 'broken' });
  plain(response, broken.status, 'broken on purpose');
}

// ---------------------------------------------------------------------------------------------

const METADATA = '/.well-known/oauth-authorization-server';

await serve((origin) => {
  const provider = new Provider(origin, settings());
  provider.use(record);
  // A JWT is not stored, so it cannot be made to die: the set holds the others.
  provider.on('access_token.saved', (token) => accessTokens.add(token.jti));
  provider.on('client_credentials.saved', (token) => accessTokens.add(token.jti));
  provider.on('server_error', (_ctx, error) => process.stderr.write(`${error.stack}\n`));
  const handle = provider.callback();
  return (request, response) => {
    const url = new URL(request.url, origin);
    if (url.pathname.startsWith('/test/')) return control(provider, request, response, url);
    if (url.pathname.startsWith('/interaction/')) return interact(provider, request, response);
    if (url.pathname === '/token' && broken.count > 0) return fail(request, response);
    if (url.pathname === METADATA && config.oidcOnly) return plain(response, 404, 'not found');
    return handle(request, response);
  };
}, (origin) => ({ issuer: origin }));
