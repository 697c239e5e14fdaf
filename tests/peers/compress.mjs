// Answers compressed on the way out, event by event.

import { constants, createGzip } from 'node:zlib';

// Makes `response` send gzip if `request` accepts it. Each piece is flushed by itself: a stream of
// events must not wait until a block is full.
export function compress(request, response) {
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return;
  const zip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  const { writeHead, write, end } = response;
  let started = false;
  const start = () => {
    started = true;
    zip.on('data', (chunk) => write.call(response, chunk));
    zip.on('end', () => end.call(response));
    response.on('close', () => zip.destroy());
  };
  const has = (status) => ![202, 204, 304].includes(status);
  response.writeHead = (status, ...rest) => {
    if (has(status) && !started) {
      start();
      const headers = new Headers(rest.at(-1) ?? {});
      headers.delete('content-length');
      headers.set('content-encoding', 'gzip');
      headers.set('vary', 'accept-encoding');
      return writeHead.call(response, status, Object.fromEntries(headers));
    }
    return writeHead.call(response, status, ...rest);
  };
  response.write = (chunk, ...rest) => {
    if (!started) return write.call(response, chunk, ...rest);
    return zip.write(chunk, ...rest);
  };
  response.end = (chunk, ...rest) => {
    if (!started) return end.call(response, chunk, ...rest);
    return zip.end(chunk, ...rest);
  };
}
