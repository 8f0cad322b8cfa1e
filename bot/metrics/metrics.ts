import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OpenStore } from '../../data/index.ts';
import type { Clock, DeploymentEvent } from '../../engine/index.ts';
import type { Checkup } from '../health.ts';
import { addTallies } from './tallies.ts';

export interface MetricsParts {
  readonly store: Pick<OpenStore, 'tallies' | 'deployments' | 'proposals'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly checkUp: () => Checkup;
  readonly version: string;
  /** Names of those that are defined now. */
  readonly services: () => readonly string[];
  readonly environments: readonly string[];
}
/** What Prometheus is told. Names of services, environments and stages are labels; nothing else of a deployment is. */
export interface Metrics {
  onEvent(event: DeploymentEvent): void;
  page(): Promise<{ readonly type: string; readonly text: string }>;
}

/** Everything but durations is read from the record at each scrape, so that a restart loses nothing. */
export function createMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    ...{ name: 'sentinel_build_info', help: 'Always 1; what runs.', labelNames: ['version', 'node'] },
    registers: [registry],
  }).set({ version: parts.version, node: process.versions.node }, 1);
  addPulse(registry, parts);
  addTallies(registry, parts);
  const durations = new Histogram({
    name: 'sentinel_deployment_duration_seconds',
    help: 'How long deployments took that ended since the bot was started.',
    labelNames: ['environment', 'outcome'],
    buckets: [1, 3, 10, 30, 60, 120, 300, 600, 1800],
    registers: [registry],
  });
  return {
    onEvent({ type, deployment, at, ...event }) {
      if (type !== 'finished' || !('outcome' in event)) return;
      const record = parts.store.deployments.get(deployment);
      if (record === undefined) return;
      const seconds = (Date.parse(at) - Date.parse(record.startedAt)) / 1000;
      const { environment } = record.plan;
      durations.observe({ environment, outcome: event.outcome }, Math.max(0, seconds));
    },
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}

/** The figures `/healthz` decides by. An age nobody knows is told as infinite. */
function addPulse(registry: Registry, { checkUp }: MetricsParts): void {
  const gauge = (name: string, help: string, value: (checkup: Checkup) => number): void => {
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(value(checkUp()));
      },
    });
  };
  gauge('sentinel_discord_connected', '1 while the gateway connection to Discord is there.', ({ gateway }) =>
    gateway.connected ? 1 : 0,
  );
  gauge(
    'sentinel_discord_heartbeat_age_seconds',
    'Since Discord last answered a heartbeat.',
    ({ gateway }) => gateway.beatAgeSeconds ?? Infinity,
  );
  gauge(
    'sentinel_journal_write_age_seconds',
    'Since the record was last written; the bot writes it regularly.',
    ({ journal }) => journal.writeAgeSeconds,
  );
}
