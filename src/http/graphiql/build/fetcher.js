// Requests go to the origin of the page, and to no other.

import { getOperationAST } from 'graphql';
import { createClient } from 'graphql-ws';
import { currentToken } from './session.js';

const HTTP = new URL('/graphql', location.origin).href;
const SOCKET = new URL('/graphql/ws', location.origin.replace(/^http/, 'ws')).href;

/**
 * A fetcher for GraphiQL. It reads the token anew for each request. `dispose` closes its socket,
 * because a socket keeps the token that it was opened with.
 */
export function createFetcher() {
  const socket = createClient({
    url: SOCKET,
    lazy: true,
    retryAttempts: 3,
    connectionParams: () => (currentToken() ? { Authorization: `Bearer ${currentToken()}` } : {}),
  });

  const fetcher = (params, options) => {
    const operation = options?.documentAST && getOperationAST(options.documentAST, params.operationName);
    return operation?.operation === 'subscription' ? overSocket(socket, params) : overHttp(params, options?.headers);
  };
  return { fetcher, dispose: () => void socket.dispose() };
}

// An observable and no promise: "Stop" of GraphiQL then ends the request.
function overHttp(params, extraHeaders) {
  return {
    subscribe(sink) {
      const abort = new AbortController();
      post(params, extraHeaders, abort.signal).then(
        (result) => {
          sink.next(result);
          sink.complete();
        },
        (error) => abort.signal.aborted || sink.error(error),
      );
      return { unsubscribe: () => abort.abort() };
    },
  };
}

async function post(params, extraHeaders, signal) {
  const headers = new Headers({
    Accept: 'application/graphql-response+json, application/json;q=0.9',
    'Content-Type': 'application/json',
  });
  if (currentToken()) headers.set('Authorization', `Bearer ${currentToken()}`);
  for (const [name, value] of Object.entries(extraHeaders ?? {})) headers.set(name, String(value));

  const response = await fetch(HTTP, {
    method: 'POST',
    headers,
    body: JSON.stringify(params),
    cache: 'no-store',
    signal,
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`HTTP ${response.status} ${response.statusText}, and no JSON: ${text.slice(0, 500)}`);
  }
}

function overSocket(socket, params) {
  return {
    subscribe(sink) {
      const unsubscribe = socket.subscribe(params, {
        next: (result) => sink.next(result),
        complete: () => sink.complete(),
        error: (error) => sink.error(readable(error)),
      });
      return { unsubscribe };
    },
  };
}

function readable(error) {
  if (error instanceof Error) return error;
  if (Array.isArray(error)) return new Error(error.map((one) => one.message).join('; '));
  if (typeof error?.code === 'number') return new Error(`The socket was closed: ${error.code} ${error.reason ?? ''}`.trim());
  return new Error('The socket could not be opened.');
}
