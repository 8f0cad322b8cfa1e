import { Counter, Gauge, type Registry } from 'prom-client';
import type { Outcome } from '../../engine/index.ts';
import type { MetricsParts } from './metrics.ts';

const outcomes: readonly Outcome[] = [
  ...(['succeeded', 'degraded', 'rolled-back', 'failed', 'needs-attention', 'cancelled'] as const),
];

/** Figures of the record. */
export function addTallies(registry: Registry, parts: MetricsParts): void {
  addEnded(registry, parts);
  addServices(registry, parts);
  addWaiting(registry, parts);
}

function addEnded(registry: Registry, { store: { tallies }, environments }: MetricsParts): void {
  new Counter({
    name: 'sentinel_deployments_total',
    help: 'Deployments that ended, by how they ended, since the record began.',
    labelNames: ['environment', 'outcome'],
    registers: [registry],
    collect() {
      this.reset();
      // From the first scrape on, so that Prometheus sees the step from none to one.
      for (const environment of environments)
        for (const outcome of outcomes) this.inc({ environment, outcome }, 0);
      for (const { count, ...labels } of tallies.ended()) this.inc(labels, count);
    },
  });
  new Counter({
    name: 'sentinel_failed_steps_total',
    help: 'Steps that failed, by stage, since the record began; phase is forward or unwind.',
    labelNames: ['stage', 'phase'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { count, ...labels } of tallies.failedSteps()) this.inc(labels, count);
    },
  });
  new Counter({
    name: 'sentinel_audit_rows_total',
    help: 'Rows of the audit trail. Fewer than before means that the record was replaced.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(tallies.auditRows());
    },
  });
}

/** Both figures come from one walk through the record. Services nobody defines any more are not told. */
function addServices(registry: Registry, { store: { tallies }, services }: MetricsParts): void {
  const registers = [registry];
  const good = new Gauge({
    name: 'sentinel_service_last_deployment_good',
    help: '1 where the newest deployment of a service succeeded, 0 where it did not.',
    ...{ labelNames: ['environment', 'service', 'outcome'], registers: [] },
  });
  new Gauge({
    name: 'sentinel_service_last_deployment_timestamp_seconds',
    help: 'When the newest deployment of a service ended.',
    ...{ labelNames: ['environment', 'service'], registers },
    collect() {
      this.reset();
      good.reset();
      const defined = new Set(services());
      for (const { environment, service, outcome, finishedAt } of tallies.newest()) {
        if (!defined.has(service)) continue;
        this.set({ environment, service }, Date.parse(finishedAt) / 1000);
        good.set({ environment, service, outcome }, outcome === 'succeeded' ? 1 : 0);
      }
    },
  });
  // After the other, which fills it.
  registry.registerMetric(good);
}

function addWaiting(registry: Registry, { store, clock }: Pick<MetricsParts, 'store' | 'clock'>): void {
  const { deployments, proposals } = store;
  const age = (at: string): number => Math.max(0, (clock.now().getTime() - Date.parse(at)) / 1000);
  new Gauge({
    name: 'sentinel_deployments_unfinished',
    help: 'Deployments that run, or that were interrupted and wait for a person.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const all = deployments.unfinished();
      const waiting = all.filter(({ outcome }) => outcome !== null).length;
      this.set({ state: 'interrupted' }, waiting);
      this.set({ state: 'running' }, all.length - waiting);
    },
  });
  new Gauge({
    name: 'sentinel_requests_pending',
    help: 'Requests that wait for approval.',
    registers: [registry],
    collect() {
      this.set(proposals.pending().length);
    },
  });
  new Gauge({
    name: 'sentinel_request_oldest_age_seconds',
    help: 'How long the oldest of them waits; 0 where none does.',
    registers: [registry],
    collect() {
      this.set(Math.max(0, ...proposals.pending().map(({ createdAt }) => age(createdAt))));
    },
  });
}
