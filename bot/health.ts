import { createServer } from 'node:http';
import type { Clock } from '../engine/index.ts';
import type { Pulse } from './gateway.ts';
import type { Hook } from './hooks/hook.ts';

export interface Health {
  readonly port: number;
  close(): Promise<void>;
}
export interface HealthParts {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly pulse: () => Pulse;
  /** When the record was last written; the bot's heartbeat in it makes that regular. */
  readonly lastWriteAt: () => Date;
  /** Commands are taken: it has started, and is not ending. */
  readonly open: () => boolean;
  /** What answers itself, by its path. */
  readonly hooks: Readonly<Record<string, Hook>>;
}
export interface Checkup {
  readonly status: 'ok' | 'unwell';
  readonly gateway: { readonly connected: boolean; readonly beatAgeSeconds: number | null };
  readonly journal: { readonly writeAgeSeconds: number };
}

/** Discord asks for a heartbeat about every 41 seconds; two may be late. */
const beatLimit = 100;
const writeLimit = 60;

/** Ages decide, not what the library believes about itself. */
export function checkUp({
  clock,
  pulse,
  lastWriteAt,
}: Pick<HealthParts, 'clock' | 'pulse' | 'lastWriteAt'>): Checkup {
  const age = (at: Date): number => Math.round((clock.now().getTime() - at.getTime()) / 1000);
  const { connected, lastBeatAt } = pulse();
  const beatAgeSeconds = lastBeatAt === null ? null : age(lastBeatAt);
  const writeAgeSeconds = age(lastWriteAt());
  const well = beatAgeSeconds !== null && beatAgeSeconds <= beatLimit && writeAgeSeconds <= writeLimit;
  return {
    status: well ? 'ok' : 'unwell',
    gateway: { connected, beatAgeSeconds },
    journal: { writeAgeSeconds },
  };
}

/** Unlike being well, it is about this moment: somebody who types a command now is answered. */
export function isReady(parts: Pick<HealthParts, 'clock' | 'pulse' | 'lastWriteAt' | 'open'>): boolean {
  const { status, gateway } = checkUp(parts);
  return parts.open() && status === 'ok' && gateway.connected;
}

/** Answers `/healthz` and `/readyz` with 200 or 503 and the reason as JSON, and gives each hook what comes for it. */
export async function startHealth(parts: HealthParts): Promise<Health> {
  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const hook = Object.entries(parts.hooks).find(([at]) => at === path)?.[1];
    if (hook !== undefined) {
      hook(request, response);
      return;
    }
    const { code, body } = answerTo(path, parts);
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, parts.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : parts.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerTo(path: string, parts: HealthParts): { readonly code: number; readonly body: unknown } {
  const checkup = checkUp(parts);
  if (path === '/healthz') return { code: checkup.status === 'ok' ? 200 : 503, body: checkup };
  if (path !== '/readyz')
    return { code: 404, body: { error: 'only /healthz, /readyz and /metrics are here' } };
  const ready = isReady(parts);
  return { code: ready ? 200 : 503, body: { ready, ...checkup } };
}
