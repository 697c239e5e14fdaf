import { currentToken, keepToken, MemoryStorage, takeTokenFromAddress } from './session.js';
// The order of the next lines is the order of the style sheets.
import 'monaco-graphql/esm/monaco-editor.js';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './style.css';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { EXAMPLES } from './examples.js';
import { createFetcher } from './fetcher.js';
import workerUrl from './worker.js?worker&url';

globalThis.MonacoEnvironment = {
  // One file for all workers: it tells by its name which one it is to be.
  getWorker: (_id, label) => new Worker(workerUrl, { name: label }),
};

const STATUS = {
  none: 'Paste a token to run queries',
  loading: 'Loading the schema …',
  ready: 'Schema loaded',
  error: 'The schema could not be loaded: is the token right?',
};

function App() {
  const storage = useMemo(() => new MemoryStorage(), []);
  // The token that the schema was last asked for with. Requests read the current one.
  const [token, setToken] = useState(currentToken);
  const [schemaStatus, setSchemaStatus] = useState('none');
  const { fetcher, dispose } = useMemo(createFetcher, [token]);
  useEffect(() => dispose, [dispose]);

  return (
    <>
      <TokenBar token={token} onToken={setToken} status={token ? schemaStatus : 'none'} />
      <main id="connectory-graphiql">
        <GraphiQL
          fetcher={fetcher}
          // Null: do not ask for the schema. It is asked for when the fetcher or this changes.
          schema={token ? undefined : null}
          storage={storage}
          shouldPersistHeaders={false}
          defaultTabs={EXAMPLES}
          defaultEditorToolsVisibility="variables"
        >
          <GraphiQL.Logo>
            <span className="graphiql-logo-link">
              Graph<em>i</em>QL
            </span>
          </GraphiQL.Logo>
          <Bridge onStatus={setSchemaStatus} />
        </GraphiQL>
      </main>
    </>
  );
}

function TokenBar({ token, onToken, status }) {
  const field = useRef(null);
  const timer = useRef(0);

  const use = (delay) => {
    clearTimeout(timer.current);
    const value = keepToken(field.current.value);
    timer.current = setTimeout(() => onToken(value), delay);
  };

  // The value is set from here and not by React, which would copy it into the attribute `value`.
  useEffect(() => {
    field.current.value = currentToken();
    const fromAddress = () => {
      if (takeTokenFromAddress() === null) return;
      field.current.value = currentToken();
      use(0);
    };
    addEventListener('hashchange', fromAddress);
    return () => removeEventListener('hashchange', fromAddress);
  }, []);

  return (
    <header id="connectory-bar" data-schema={status}>
      <h1>Connectory</h1>
      <label htmlFor="connectory-token">API token</label>
      <input
        id="connectory-token"
        ref={field}
        type="password"
        aria-label="API token"
        aria-describedby="connectory-token-note connectory-status"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        data-1p-ignore=""
        data-lpignore="true"
        onInput={() => use(400)}
        onBlur={() => currentToken() !== token && use(0)}
        onKeyDown={(event) => event.key === 'Enter' && use(0)}
      />
      <small id="connectory-token-note">Kept in memory only; gone when the page is closed.</small>
      <output id="connectory-status" role="status">
        {STATUS[status]}
      </output>
    </header>
  );
}

/** Sits inside GraphiQL, where its state can be read. */
function Bridge({ onStatus }) {
  const { setTheme } = useGraphiQLActions();
  const { schema, isIntrospecting, fetchError, theme, responseEditor } = useGraphiQL((state) => ({
    schema: state.schema,
    isIntrospecting: state.isIntrospecting,
    fetchError: state.fetchError,
    theme: state.theme,
    responseEditor: state.responseEditor,
  }));
  const status = isIntrospecting ? 'loading' : fetchError ? 'error' : schema ? 'ready' : 'none';
  useEffect(() => onStatus(status), [onStatus, status]);

  // GraphiQL leaves the error of the last introspection in the response pane.
  const shownError = useRef(null);
  useEffect(() => {
    if (fetchError) shownError.current = fetchError;
    else if (shownError.current !== null && responseEditor?.getValue() === shownError.current) responseEditor.setValue('');
  }, [fetchError, responseEditor]);

  // The style sheets follow the system by themselves, the colours of the editors do not.
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => theme === null && setTheme(null);
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, [theme, setTheme]);
  return null;
}

createRoot(document.getElementById('connectory-root')).render(<App />);
