// The tools of the MCP server.

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const text = (value) => ({ content: [{ type: 'text', text: value }] });

export function addTools(server) {
  server.registerTool('echo', {
    description: 'Answers with what it was told.',
    inputSchema: { text: z.string() },
  }, async ({ text: said }) => text(said));

  server.registerTool('slow_count', {
    description: 'Counts, telling each number as progress before it answers.',
    inputSchema: {
      to: z.number().int().min(1).max(1000).default(5),
      delay_ms: z.number().int().min(0).max(10000).default(20),
    },
  }, async ({ to, delay_ms: delay }, extra) => {
    const progressToken = extra._meta?.progressToken;
    for (let progress = 1; progress <= to; progress += 1) {
      await sleep(delay);
      if (progressToken === undefined) continue;
      await extra.sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress, total: to, message: `${progress} of ${to}` },
      });
    }
    return text(`counted to ${to}`);
  });

  server.registerTool('big', {
    description: 'Answers with a long text.',
    inputSchema: { length: z.number().int().min(0).max(100_000_000).default(1_048_576) },
  }, async ({ length }) => text('0123456789abcdef'.repeat(Math.ceil(length / 16)).slice(0, length)));

  server.registerTool('whoami', {
    description: 'Tells whose token it was called with.',
  }, async (extra) => {
    const { clientId, scopes, extra: claims } = extra.authInfo ?? {};
    return text(JSON.stringify({ client_id: clientId, scopes, ...claims }));
  });

  server.registerTool('announce', {
    description: 'Says something on the stream that a GET has opened.',
    inputSchema: { text: z.string() },
  }, async ({ text: said }) => {
    await server.server.sendLoggingMessage({ level: 'notice', data: said });
    return text('announced');
  });
}
