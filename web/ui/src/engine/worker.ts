// The worker of a page: loads the wasm module once and serves every player's session.

import init from '../../pkg/glassmq.js';
import wasmUrl from '../../pkg/glassmq_bg.wasm?url';
import type { Reply, Request } from './protocol';
import { Sessions } from './sessions';

// The address is named here, so that Vite ships the file wherever the glue would look for it.
const ready = init({ module_or_path: wasmUrl });
const sessions = new Sessions();

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  postMessage(await reply(data));
});

/** Requests are taken one after another in the order sent: each waits for the same promise. */
async function reply(request: Request): Promise<Reply> {
  try {
    await ready;
  } catch (error) {
    return { id: request.id, error: `the simulator could not be loaded: ${error}` };
  }
  return sessions.reply(request);
}
