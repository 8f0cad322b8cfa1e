import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createFaultQueue, type FaultQueue } from '../fault-queue.ts';
import type { GitlabHook, GitlabProject, HookEvent } from './state.ts';

/** What should happen to the next matching deliveries. */
export interface DeliveryFault {
  /** `Pipeline Hook` */
  readonly event?: string;
  /** Looks at the body as it would be sent. */
  readonly when?: (body: unknown) => boolean;
  readonly times?: number;
  /** Never sent; sent twice; or sent after the next one. */
  readonly does: 'lose' | 'repeat' | 'delay';
}
/** One delivery, without its tokens. */
export interface Delivery {
  readonly event: string;
  readonly url: string;
  readonly key: string;
  readonly body: unknown;
  /** Status of every try; null when nobody answered. */
  readonly tries: readonly (number | null)[];
}
export interface Webhooks {
  readonly deliveries: readonly Delivery[];
  readonly faults: FaultQueue<DeliveryFault, Pick<Delivery, 'event' | 'body'>>;
  /** Sends to every hook of the project that wants it, one after the other. */
  send(project: GitlabProject, event: HookEvent, body: () => Promise<object>): void;
  /** Sends something again, with the key it had. */
  redeliver(delivery: Delivery): Promise<void>;
  /** Everything is delivered, also what was delayed. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
interface Sent extends Delivery {
  readonly tries: (number | null)[];
}

export function createWebhooks(options: { readonly url: () => string; readonly retryMs: number }): Webhooks {
  const faults: Webhooks['faults'] = createFaultQueue({
    strikes: (fault, { event, body }) => (fault.event ?? event) === event && (fault.when?.(body) ?? true),
    describe: ({ event, does }) => `${does} ${event ?? 'any hook'}`,
  });
  /** Apart from the deliveries, as it carries the tokens. */
  const hooks = new Map<string, GitlabHook>();
  const deliveries: Sent[] = [];
  const end = new AbortController();
  let delayed: Sent[] = [];
  let last: Promise<void> = Promise.resolve();
  const queue = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work).catch(() => undefined);
    return last;
  };
  const deliver = async (sent: Sent): Promise<void> => {
    const hook = hooks.get(sent.key);
    for (let tries = 0; hook !== undefined && tries < 3 && !end.signal.aborted; tries += 1) {
      const status = await post(hook, sent, { instance: options.url(), signal: end.signal });
      sent.tries.push(status);
      if (status !== null && status < 500) return;
      await wait(options.retryMs, undefined, { signal: end.signal });
    }
  };
  const sendOut = async (sent: Sent): Promise<void> => {
    deliveries.push(sent);
    await deliver(sent);
  };
  const flush = async (): Promise<void> => {
    const late = delayed;
    delayed = [];
    for (const sent of late) await sendOut(sent);
  };
  const handle = async (sent: Sent): Promise<void> => {
    const fault = faults.take(sent);
    if (fault?.does === 'lose') return;
    if (fault?.does === 'delay') return void delayed.push(sent);
    await sendOut(sent);
    if (fault?.does === 'repeat') await deliver(sent);
    await flush();
  };
  return {
    deliveries,
    faults,
    send(project, event, body) {
      const wanted = project.hooks.filter(({ events }) => events[event]);
      if (wanted.length === 0) return;
      // Told as it is now, sent when it is its turn.
      const told = body();
      void queue(async () => {
        for (const hook of wanted) {
          const key = randomUUID();
          hooks.set(key, hook);
          await handle({ event: names[event], url: hook.url, key, body: await told, tries: [] });
        }
      });
    },
    async redeliver({ key }) {
      const sent = deliveries.find((each) => each.key === key);
      if (sent !== undefined) await queue(() => deliver(sent));
    },
    settled: () => queue(flush),
    async close() {
      end.abort();
      await last;
    },
  };
}

const names: Readonly<Record<HookEvent, string>> = {
  push: 'Push Hook',
  pipeline: 'Pipeline Hook',
  job: 'Job Hook',
  merge_requests: 'Merge Request Hook',
};

async function post(
  hook: GitlabHook,
  { event, key, body }: Delivery,
  { instance, signal }: { readonly instance: string; readonly signal: AbortSignal },
): Promise<number | null> {
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GitLab/18.5.0-ee',
    'x-gitlab-event': event,
    'x-gitlab-instance': instance,
    'x-gitlab-webhook-uuid': hook.uuid,
    'x-gitlab-event-uuid': key,
    'idempotency-key': key,
    ...(hook.token === null ? {} : { 'x-gitlab-token': hook.token }),
    ...(hook.signingToken === null ? {} : signature(hook.signingToken, { key, text })),
  };
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
    const response = await fetch(hook.url, { method: 'POST', headers, body: text, signal: limit });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}

/** HMAC-SHA256 over `id.timestamp.body`. */
function signature(
  token: string,
  { key, text }: { readonly key: string; readonly text: string },
): Record<string, string> {
  const at = String(Math.floor(Date.now() / 1000));
  const code = createHmac('sha256', token).update(`${key}.${at}.${text}`).digest('base64');
  return { 'webhook-id': key, 'webhook-timestamp': at, 'webhook-signature': `v1,${code}` };
}
