// The official MCP client, by its SDK: one whole session with an MCP server of the tests, directly
// or through a proxy.
//
//   node --import ./resolve.mjs mcp_client.mjs '{"url": "http://…/mcp", "token": "…"}'
//
// Prints one line of JSON with what it saw; a surprise is a sentence and a status that is not 0.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { options, refuse } from './common.mjs';

const config = options({
  // Where the server is.
  url: '',
  // The bearer token of the caller; empty: none.
  token: '',
  // Expect progress to be told; a server that answers with single documents has no way to.
  progress: true,
  // The length of the long answer.
  big: 1_048_576,
  // Also hold a GET stream open and wait for what the server says on it.
  listen: true,
  // Milliseconds to wait for that before it counts as a surprise.
  patience: 20_000,
});
if (!config.url) refuse('option `url` is needed');

function expect(truth, sentence) {
  if (!truth) throw new Error(sentence);
}

const textOf = (result) => result.content?.[0]?.text;

async function call(client, name, args = {}, extra = {}) {
  const result = await client.callTool({ name, arguments: args }, undefined, extra);
  expect(!result.isError, `tool ${name} has failed: ${textOf(result)}`);
  return textOf(result);
}

function announcements(client) {
  const heard = [];
  let wake = () => {};
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    heard.push(params.data);
    wake();
  });
  return {
    heard,
    async wait(words) {
      const late = setTimeout(() => { wake('late'); }, config.patience);
      while (!heard.includes(words)) {
        const why = await new Promise((resolve) => { wake = resolve; });
        expect(why !== 'late', `nothing said "${words}" on the stream of the GET`);
      }
      clearTimeout(late);
    },
  };
}

async function tools(client) {
  const seen = { tools: (await client.listTools()).tools.map(({ name }) => name).sort() };
  seen.echo = await call(client, 'echo', { text: 'Grüße, 世界' });
  expect(seen.echo === 'Grüße, 世界', `echo answered ${JSON.stringify(seen.echo)}`);
  seen.progress = [];
  seen.count = await call(client, 'slow_count', { to: 5 }, {
    onprogress: ({ progress }) => seen.progress.push(progress),
  });
  const told = config.progress ? '1,2,3,4,5' : '';
  expect(String(seen.progress) === told, `progress was told as ${seen.progress}`);
  seen.big = (await call(client, 'big', { length: config.big })).length;
  expect(seen.big === config.big, `the long answer has ${seen.big} characters`);
  seen.whoami = JSON.parse(await call(client, 'whoami'));
  return seen;
}

async function run() {
  const headers = config.token ? { authorization: `Bearer ${config.token}` } : {};
  const transport = new StreamableHTTPClientTransport(new URL(config.url), {
    requestInit: { headers },
  });
  const client = new Client({ name: 'connectory-test-client', version: '1.0.0' });
  // What goes wrong beside a request, such as on the stream of the GET.
  let beside;
  client.onerror = (error) => { beside ??= error; };
  const stream = announcements(client);
  await client.connect(transport);
  const session = transport.sessionId;
  expect(session, 'the server has not opened a session');
  const seen = { session, server: client.getServerVersion(), ...await tools(client) };
  if (config.listen) {
    await stream.wait('welcome');
    await call(client, 'announce', { text: 'news' });
    await stream.wait('news');
    seen.heard = stream.heard;
  }
  expect(!beside, `beside the requests: ${beside?.message}`);
  await transport.terminateSession();
  expect(transport.sessionId === undefined, 'the session was not ended: DELETE is not allowed');
  client.onerror = () => {};
  await client.close();
  return seen;
}

try {
  process.stdout.write(`${JSON.stringify(await run())}\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
