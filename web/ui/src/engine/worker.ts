// The worker of a page: loads the wasm module once and serves every player's session.

import init from '../../pkg/glassmq.js';
import wasmUrl from '../../pkg/glassmq_bg.wasm?url';
import kafkaUrl from '../../pkg/glassmq_kafka.wasm?url';
import rabbitmqUrl from '../../pkg/glassmq_rabbitmq.wasm?url';
import restUrl from '../../pkg/glassmq_rest.wasm?url';
import { PARTS, partsOf, place, type Part } from './parts.js';
import type { Reply, Request } from './protocol';
import { Sessions } from './sessions';

// The addresses are named here, so that Vite ships the files wherever the glue would look for them.
const ready = init({ module_or_path: wasmUrl }).then((exports) => partsOf({ ...exports }, readNow));
const urls: Record<Part, string> = { kafka: kafkaUrl, rabbitmq: rabbitmqUrl, rest: restUrl };
const sessions = new Sessions();

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  postMessage(await reply(data));
  // The last request of a picture: from here on there is time to load what no picture takes.
  if (data.call === 'moment') void ahead('rest');
});

/** Requests are taken one after another in the order sent: each waits for the same promises. */
async function reply(request: Request): Promise<Reply> {
  try {
    const named = 'scenario' in request ? PARTS.filter((part) => request.scenario.includes(`"${part}"`)) : [];
    await Promise.all([ready, ...named.map(ahead)]);
  } catch (error) {
    return { id: request.id, error: `the simulator could not be loaded: ${error}` };
  }
  return sessions.reply(request);
}

const fetched = new Map<Part, Promise<void>>();

/** Has a part in place before it is needed; if that fails, it will be read when it is. */
function ahead(part: Part): Promise<void> {
  const loading = fetched.get(part) ?? load(part).catch(() => void fetched.delete(part));
  fetched.set(part, loading);
  return loading;
}

async function load(part: Part): Promise<void> {
  const answer = await fetch(urls[part]);
  const module = await WebAssembly.compile(await answer.arrayBuffer());
  await ready;
  place(part, module);
}

/** In the midst of a call of the module nothing else can be done: it waits. */
function readNow(part: Part): WebAssembly.Module {
  const request = new XMLHttpRequest();
  request.open('GET', urls[part], false);
  request.responseType = 'arraybuffer';
  request.send();
  if (request.status !== 200) throw new Error(`${urls[part]}: ${request.status} ${request.statusText}`);
  return new WebAssembly.Module(request.response);
}
