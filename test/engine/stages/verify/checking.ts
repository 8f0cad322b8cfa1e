import type { EnsureContext, Probe, StepResult } from '../../../../engine/ports.ts';
import { createProbe } from '../../../../engine/providers/probe.ts';
import { createSecrets } from '../../../../engine/providers/secrets.ts';
import type { Inventory } from '../../../../engine/types.ts';
import { quietLog } from '../../../../lab/quiet-log.ts';
import { inventory, noClients } from '../../fixtures.ts';

export interface Checking {
  readonly context: EnsureContext;
  /** Step → how it went. */
  readonly results: Map<string, StepResult>;
  /** Milliseconds the clock has moved, which only waiting does. */
  readonly passed: () => number;
}

/** A context on a clock that only waiting moves; `onWait` sees each time. */
export function checking(
  systems: Partial<Inventory['systems']>,
  parts: {
    readonly resolve?: (name: string) => Promise<readonly string[]>;
    readonly probe?: Partial<Probe>;
    readonly onWait?: () => void;
  } = {},
): Checking {
  const start = Date.now();
  let now = start;
  const results = new Map<string, StepResult>();
  const context: EnsureContext = {
    ports: {
      host: () => {
        throw new Error('no host in this test');
      },
      secrets: createSecrets({ env: {}, directory: null }),
      probe: { ...createProbe(), ...parts.probe },
      clock: {
        now: () => new Date(now),
        wait: (ms, signal) => {
          signal.throwIfAborted();
          now += ms;
          parts.onWait?.();
          return Promise.resolve();
        },
      },
      log: quietLog,
      systems: {
        ...noClients,
        dns: () => ({
          name: 'Pi-hole at 192.168.40.53',
          list: () => Promise.resolve([]),
          entryFor: () => '',
          checkWritable: () => Promise.resolve(),
          change: () => Promise.resolve([]),
          resolve: (name) => (parts.resolve ?? (() => Promise.resolve([])))(name),
        }),
      },
    },
    scope: { inventory: { ...inventory, systems: { ...inventory.systems, ...systems } }, services: [] },
    deployment: 'd-1',
    revision: 'a',
    phase: 'forward',
    report: (step, result) => void results.set(step, result),
  };
  return { context, results, passed: () => now - start };
}

export const calm = new AbortController().signal;
