import { redactProblem } from '../redact-problem.ts';
import type { Scope, Secrets } from '../ports.ts';
import type { Problem } from '../problems.ts';
import type { Actor, NotifyWish, Outcome, Plan, PlannedService, Request, StageName } from '../types.ts';
import { worst } from '../worst.ts';

/** A deployment that has ended, as the engine knows it. */
export interface Ended {
  readonly deployment: string;
  readonly plan: Plan;
  readonly scope: Scope;
  readonly request: Request;
  readonly actor: Actor;
  readonly approvedBy: readonly string[];
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly outcome: Outcome;
  readonly services: Readonly<Record<string, Outcome>>;
  readonly problem: Problem | null;
}

/**
 * What is told about it. Other programs read this shape from the generic webhook: fields may be added, none changes its
 * meaning while `version` stays.
 */
export interface Announcement {
  readonly version: 1;
  readonly event: 'deployment-finished';
  /** Unique; who is told twice, because an answer got lost, knows it by this. */
  readonly deployment: string;
  readonly outcome: Outcome;
  readonly environment: string;
  readonly repository: string;
  /** The commit. */
  readonly revision: string;
  readonly request: { readonly kind: Request['kind']; readonly reason: string | null };
  readonly actor: { readonly id: string; readonly name: string };
  readonly approvedBy: readonly string[];
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly services: readonly AnnouncedService[];
  readonly problem: {
    readonly code: string;
    readonly message: string;
    readonly where: string | null;
    readonly hint: string | null;
  } | null;
  /** The pipeline it ran in, where it did. */
  readonly pipeline?: { readonly id: string; readonly url: string };
}
export interface AnnouncedService {
  readonly name: string;
  readonly displayName: string;
  readonly host: string;
  readonly action: PlannedService['action'];
  readonly outcome: Outcome;
  /** Where it was to change something; not always the whole way, when it did not succeed. */
  readonly stages: readonly Exclude<StageName, 'verify'>[];
  /** Image references that changed, by container. */
  readonly images: readonly {
    readonly container: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
}

/** Pure: what to tell, without any value of a secret. */
export function announcementOf(ended: Ended, { redact }: Pick<Secrets, 'redact'>): Announcement {
  const { deployment, outcome, plan, request, actor, approvedBy, startedAt, finishedAt } = ended;
  const { environment, repository, revision } = plan;
  return {
    ...{ version: 1, event: 'deployment-finished', deployment, outcome, environment, repository, revision },
    request: { kind: request.kind, reason: request.reason === undefined ? null : redact(request.reason) },
    actor: { id: actor.id, name: redact(actor.name) },
    approvedBy: approvedBy.map(redact),
    ...{ startedAt, finishedAt },
    services: servicesOf(ended).map((service) => ({ ...service, displayName: redact(service.displayName) })),
    problem: problemOf(ended.problem, redact),
  };
}

/** The part of it that concerns some of its services; null when it concerns none. What is about no service concerns all. */
export function partOf(whole: Announcement, names: ReadonlySet<string>): Announcement | null {
  if (whole.services.length === 0) return whole;
  const services = whole.services.filter(({ name }) => names.has(name));
  if (services.length === 0) return null;
  if (services.length === whole.services.length) return whole;
  const outcome = worst(services.map((service) => service.outcome));
  return { ...whole, services, outcome, problem: outcome === 'succeeded' ? null : whole.problem };
}

/** Where each service of the scope wants its deployments told. */
export function wishesOf({ services }: Scope): ReadonlyMap<string, NotifyWish> {
  return new Map(services.map(({ name, service }) => [name, service.notify]));
}

/** Services that were only looked at, because something depends on them, are no news while they are well. */
function servicesOf({ plan, services, outcome }: Ended): readonly AnnouncedService[] {
  const news = plan.services.filter(
    ({ name, action }) => action !== 'none' || (services[name] ?? 'succeeded') !== 'succeeded',
  );
  return (news.length > 0 ? news : plan.services).map(({ name, displayName, host, action }) => ({
    ...{ name, displayName, host, action },
    outcome: services[name] ?? outcome,
    stages: stagesOf(plan, name),
    images: imagesOf(plan, name),
  }));
}

function stagesOf({ steps }: Plan, service: string): AnnouncedService['stages'] {
  const stages = steps.flatMap(({ service: of, stage }) =>
    of === service && stage !== 'verify' ? [stage] : [],
  );
  return [...new Set(stages)];
}

function imagesOf({ steps }: Plan, service: string): AnnouncedService['images'] {
  return steps.flatMap((step) => {
    if (step.stage !== 'deploy' || step.service !== service) return [];
    const [old, wanted] = [step.before?.images ?? {}, step.after?.images ?? {}];
    return [...new Set([...Object.keys(old), ...Object.keys(wanted)])]
      .map((container) => ({
        container,
        before: old[container]?.reference ?? null,
        after: wanted[container]?.reference ?? null,
      }))
      .filter(({ before, after }) => before !== after);
  });
}

function problemOf(problem: Problem | null, redact: Secrets['redact']): Announcement['problem'] {
  if (problem === null) return null;
  const { code, message, where, hint } = redactProblem(problem, { redact });
  return { code, message, where: where === undefined ? null : redact(where), hint: hint ?? null };
}
