import type { RemoteHost } from '../../ports.ts';
import { isRecord, list, parseBody, text } from '../../json.ts';

/** What only a container's own page tells. */
export interface Inspection {
  readonly restarts: number;
  readonly startedAt: string | null;
  readonly exitCode: number;
  readonly restartPolicy: string;
  /** Milliseconds after which Docker itself has decided about its health; null without a health check. */
  readonly healthDecidedMs: number | null;
  /** Output of its last health check. */
  readonly healthOutput: string;
}

/** Null when the container is gone. */
export async function inspectContainer(
  host: RemoteHost,
  id: string,
  signal: AbortSignal,
): Promise<Inspection | null> {
  const { status, body } = await host.docker({ method: 'GET', path: `/containers/${id}/json` }, signal);
  return status === 200 ? parseInspection(body) : null;
}

function parseInspection(body: Buffer): Inspection {
  const found = record(parseBody(body));
  const state = record(found['State']);
  const started = text(state['StartedAt']);
  const log = list(record(state['Health'])['Log']);
  return {
    restarts: number(found['RestartCount']),
    startedAt: started === null || started.startsWith('0001-') ? null : started,
    exitCode: number(state['ExitCode']),
    restartPolicy: text(record(record(found['HostConfig'])['RestartPolicy'])['Name']) ?? '',
    healthDecidedMs: healthDecidedMs(record(found['Config'])['Healthcheck']),
    healthOutput: text(record(log.at(-1))['Output']) ?? '',
  };
}

function healthDecidedMs(check: unknown): number | null {
  if (!isRecord(check)) return null;
  const ms = (key: string, fallback: number) => (number(check[key]) || fallback * 1e9) / 1e6;
  return ms('StartPeriod', 0) + (ms('Interval', 30) + ms('Timeout', 30)) * (number(check['Retries']) || 3);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
