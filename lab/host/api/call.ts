import type { Daemon } from '../daemon.ts';

export type Answer =
  | { readonly status: number; readonly json?: unknown; readonly text?: string; readonly raw?: Buffer }
  | { readonly status: number; readonly lines: readonly unknown[] };

export interface Call {
  readonly daemon: Daemon;
  readonly hostName: string;
  readonly query: URLSearchParams;
  /** What the pattern's groups matched, decoded. */
  readonly match: readonly string[];
}

export const name = (call: Call) => call.match[0] ?? '';

export const json = (body: unknown, status = 200): Answer => ({ status, json: body });

export const truthy = (value: string | null) => value === '1' || value === 'true';
