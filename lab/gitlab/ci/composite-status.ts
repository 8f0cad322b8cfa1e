import type { LabJob, LabStatus } from './types.ts';

type Part = LabStatus | 'success with warnings' | 'ignored';

/** What several jobs come to, as GitLab computes it for a pipeline and for what comes before a job. */
export function compositeStatus(jobs: readonly LabJob[], options: { readonly needs: boolean }): LabStatus {
  const parts = new Set(jobs.map(partOf));
  const only = (...allowed: readonly Part[]) => [...parts].every((part) => allowed.includes(part));
  // What a job needs by name has to have run; what merely stands in an earlier stage may have been skipped over.
  if (options.needs) {
    if (parts.size === 0) return 'success';
    if (parts.has('skipped')) return 'skipped';
    if (!only('success', 'failed', 'canceled', 'success with warnings')) return 'pending';
  }
  return settled.find(({ parts: allowed }) => only(...allowed))?.status ?? unsettled(parts);
}

const done: readonly Part[] = ['success', 'success with warnings', 'ignored'];

/** Where all jobs are one of these; the first that fits. */
const settled: readonly { readonly status: LabStatus; readonly parts: readonly Part[] }[] = [
  { status: 'skipped', parts: ['skipped', 'ignored'] },
  { status: 'success', parts: ['skipped', ...done] },
  { status: 'created', parts: ['created', 'success with warnings', 'ignored'] },
  { status: 'canceled', parts: ['canceled', 'skipped', ...done] },
  { status: 'pending', parts: ['pending', 'created', 'skipped', 'success with warnings', 'ignored'] },
];

function unsettled(parts: ReadonlySet<Part>): LabStatus {
  if (parts.has('canceling')) return 'canceling';
  if (parts.has('running') || parts.has('pending')) return 'running';
  const waits = (['waiting_for_resource', 'manual', 'scheduled'] as const).find((each) => parts.has(each));
  return waits ?? (parts.has('created') ? 'running' : 'failed');
}

/** Of the jobs of a pipeline; without any it was skipped. */
export function pipelineStatus(jobs: readonly LabJob[]): LabStatus {
  return compositeStatus(
    jobs.filter(({ retried }) => !retried),
    { needs: false },
  );
}

function partOf(job: LabJob): Part {
  if (['failed', 'canceled'].includes(job.status) && job.allowFailure) return 'success with warnings';
  if (job.status === 'manual' && job.allowFailure) return 'ignored';
  return job.status;
}

const complete: readonly LabStatus[] = ['success', 'failed', 'canceled', 'skipped'];

export const isComplete = (status: LabStatus): boolean => complete.includes(status);

/**
 * What becomes of a job that waits, given what is before it: null while it goes on waiting. Before a job are those it
 * needs, or every job of an earlier stage.
 */
export function nextStatus(
  job: { readonly when: string; readonly needs: boolean },
  before: readonly LabJob[],
): 'pending' | 'manual' | 'scheduled' | 'skipped' | null {
  const status = before.length === 0 ? 'success' : compositeStatus(before, { needs: job.needs });
  if (!isComplete(status)) return null;
  if (!wanted(job).includes(status)) return 'skipped';
  if (job.when === 'manual') return 'manual';
  return job.when === 'delayed' ? 'scheduled' : 'pending';
}

function wanted({ when, needs }: { readonly when: string; readonly needs: boolean }): readonly LabStatus[] {
  if (when === 'always') return ['success', 'failed', 'skipped'];
  if (when === 'on_failure') return ['failed'];
  return needs ? ['success'] : ['success', 'skipped'];
}
