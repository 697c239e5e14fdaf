import 'swagger-ui/dist/swagger-ui.css';
import './style.css';
import SwaggerUI from 'swagger-ui';
// The token is kept as GraphiQL keeps it: in this module and in the field, in no storage.
import { currentToken, keepToken, takeTokenFromAddress } from '../../graphiql/build/session.js';

const bar = document.getElementById('connectory-bar');
const field = document.getElementById('connectory-token');

/** Whether a request stays on the server that this page came from. */
const isOwn = (address) => new URL(address, location.href).origin === location.origin;

/** Requests carry the token of the bar and go to this origin, or nowhere. */
function authorize(request) {
  if (!isOwn(request.url)) throw new Error('this page sends requests to its own server only');
  const token = currentToken();
  // The document itself is public.
  if (token && !request.loadSpec) request.headers.Authorization = `Bearer ${token}`;
  return request;
}

// The bar stands for the dialogues of the viewer: one token, one place to type it, one server.
const nothing = () => () => null;
const oneToken = {
  wrapComponents: { authorizeBtn: nothing, authorizeOperationBtn: nothing, InfoUrl: nothing, ServersContainer: nothing },
};

function showToken() {
  bar.dataset.token = currentToken() ? 'set' : 'none';
}

field.value = currentToken();
field.addEventListener('input', () => {
  keepToken(field.value);
  showToken();
});
addEventListener('hashchange', () => {
  if (takeTokenFromAddress() === null) return;
  field.value = currentToken();
  showToken();
});
showToken();

// The viewer has its dark colours under a class; the system decides.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

SwaggerUI({
  domNode: document.getElementById('connectory-docs'),
  url: '/openapi.json',
  layout: 'BaseLayout',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 2,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  showCommonExtensions: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: authorize,
  plugins: [oneToken],
  onComplete: () => {
    bar.dataset.document = 'ready';
  },
});
