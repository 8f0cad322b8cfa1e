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
  readonly faults: FaultQueue<DeliveryFault>;
  /** Sends to every hook of the project that wants it, one after the other. */
  send(project: GitlabProject, event: HookEvent, body: () => Promise<object>): void;
  /** Sends something again, with the key it had. */
  redeliver(delivery: Delivery): Promise<void>;
  /** Everything is delivered, also what was delayed. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
interface Parcel extends Omit<Delivery, 'tries'> {
  readonly hook: GitlabHook;
  readonly tries: (number | null)[];
}

export function createWebhooks(options: { readonly url: () => string; readonly retryMs: number }): Webhooks {
  const faults = createFaultQueue<DeliveryFault>(({ event, does }) => `${does} ${event ?? 'any hook'}`);
  const deliveries: Parcel[] = [];
  const end = new AbortController();
  let delayed: Parcel[] = [];
  let last: Promise<void> = Promise.resolve();
  const queue = (work: () => Promise<void>): void => {
    last = last.then(work).catch(() => undefined);
  };
  const deliver = async (parcel: Parcel): Promise<void> => {
    for (let tries = 0; tries < 3 && !end.signal.aborted; tries += 1) {
      const status = await post(parcel, { instance: options.url(), signal: end.signal });
      parcel.tries.push(status);
      if (status !== null && status < 500) return;
      await wait(options.retryMs, undefined, { signal: end.signal });
    }
  };
  const handle = async (parcel: Parcel): Promise<void> => {
    const { event, body } = parcel;
    const fault = faults.take(
      ({ event: wanted = event, when }) => wanted === event && (when?.(body) ?? true),
    );
    if (fault?.does === 'lose') return;
    if (fault?.does === 'delay') return void delayed.push(parcel);
    deliveries.push(parcel);
    await deliver(parcel);
    if (fault?.does === 'repeat') await deliver(parcel);
    await flush();
  };
  const flush = async (): Promise<void> => {
    const late = delayed;
    delayed = [];
    for (const parcel of late) {
      deliveries.push(parcel);
      await deliver(parcel);
    }
  };
  return {
    deliveries,
    faults,
    send(project, event, body) {
      const wanted = project.hooks.filter(({ events }) => events[event]);
      if (wanted.length === 0) return;
      // Told as it is now, sent when it is its turn.
      const text = body();
      queue(async () => {
        for (const hook of wanted)
          await handle({
            ...{ hook, event: names[event], url: hook.url, key: randomUUID(), body: await text, tries: [] },
          });
      });
    },
    redeliver: async (delivery) => {
      const parcel = deliveries.find(({ key }) => key === delivery.key);
      if (parcel !== undefined) await deliver(parcel);
    },
    async settled() {
      await last;
      await flush();
    },
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
  { hook, event, key, body }: Parcel,
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
