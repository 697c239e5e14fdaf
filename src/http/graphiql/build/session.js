// The API token lives in this module and in the password field, and nowhere else:
// not in the address, not in any storage of the browser, not in the history of queries.

let token = '';

/** The token that the next request carries; empty for none. */
export function currentToken() {
  return token;
}

/** Keeps a token, without the scheme if somebody pasted a whole header. */
export function keepToken(value) {
  token = value.trim().replace(/^bearer\s+/i, '');
  return token;
}

/** Takes `#token=…` out of the address; null if there is none. */
export function takeTokenFromAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const value = fragment.get('token');
  if (value === null) return null;
  fragment.delete('token');
  const rest = fragment.toString();
  history.replaceState(history.state, '', location.pathname + location.search + (rest && `#${rest}`));
  return keepToken(value);
}

takeTokenFromAddress();

/** A Web Storage that forgets everything with the page. GraphiQL writes its tabs and panes here. */
export class MemoryStorage {
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.#items.get(String(key)) ?? null;
  }

  setItem(key, value) {
    this.#items.set(String(key), String(value));
  }

  removeItem(key) {
    this.#items.delete(String(key));
  }

  clear() {
    this.#items.clear();
  }
}
