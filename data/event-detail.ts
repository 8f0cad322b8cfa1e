import type { DeploymentEvent, Problem } from '../engine/index.ts';

/** What the audit log says of an event: enough to read the story by itself, small, references only. */
export function detailOf(event: DeploymentEvent): Readonly<Record<string, unknown>> {
  if ('step' in event) return stepDetail(event);
  if ('job' in event) return jobDetail(event);
  switch (event.type) {
    case 'started': {
      const { plan, request, approvedBy } = event;
      const { repository, environment, revision, digest } = plan;
      const services = plan.services.map(({ name, action }) => `${action} ${name}`);
      return { request, approvedBy, plan: { repository, environment, revision, digest, services } };
    }
    case 'unwinding':
      return {
        service: event.service,
        steps: event.steps.map(({ id }) => id),
        because: brief(event.because),
      };
    case 'git': {
      const { action, commit, branch, problem, url = null } = event;
      return { action, commit, branch, problem: problem && brief(problem), ...(url === null ? {} : { url }) };
    }
    case 'pipeline': {
      const { id, url, commit, status } = event.pipeline;
      return { pipeline: id, url, commit, status };
    }
    case 'finished':
      return {
        outcome: event.outcome,
        services: event.services,
        problem: event.problem && brief(event.problem),
      };
    case 'abort-requested':
    case 'interrupted':
      return {};
  }
}

function stepDetail(
  event: Extract<DeploymentEvent, { readonly step: string }>,
): Readonly<Record<string, unknown>> {
  const { step, phase } = event;
  switch (event.type) {
    case 'step-started':
      return { step, phase };
    case 'step-done':
      return { step, phase, did: event.did };
    case 'step-failed':
      return { step, phase, problem: brief(event.problem) };
    case 'step-skipped':
      return { step, phase, because: event.because };
  }
}

function jobDetail(
  event: Extract<DeploymentEvent, { readonly job: unknown }>,
): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'job': {
      const { id, name, status, failure } = event.job;
      return { job: id, name, status, failure };
    }
    case 'gate':
      return { job: event.job, request: event.proposal };
    case 'job-played':
      return { job: event.job, approvedBy: event.approvedBy, problem: event.problem && brief(event.problem) };
  }
}

/** Without the evidence: log lines stay in the journal. */
function brief({ code, message }: Problem): Pick<Problem, 'code' | 'message'> {
  return { code, message };
}
