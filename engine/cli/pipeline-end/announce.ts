import type { ChangedService, PlanFile } from '../../../schema/index.ts';
import { codeOfCheck, outcomeOfStatus } from '../../check-outcomes.ts';
import type { AnnouncedService, Announcement } from '../../notify/index.ts';
import type { Secrets } from '../../ports.ts';
import type { Fleet, Outcome, Service } from '../../types.ts';
import { fieldsOf } from '../../json.ts';
import { filled } from '../repository-options.ts';
import type { StageFiles } from './stage-files.ts';
import { worst } from '../../worst.ts';

export interface PipelineEnd {
  readonly files: StageFiles;
  readonly fleet: Fleet;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A job failed that stops the pipeline. */
  readonly failure: boolean;
  readonly secrets: Pick<Secrets, 'redact'>;
  readonly now: Date;
}

/** Pure: what is told of a pipeline, in the words of a deployment. What the stages found counts, not how jobs were set. */
export function announcePipeline(end: PipelineEnd): Announcement {
  const { files, fleet, failure, now } = end;
  const services = servicesOf(end);
  const found = worst([...services.map(({ outcome }) => outcome), files.result?.outcome ?? 'succeeded']);
  const outcome = failure && !stopping.has(found) ? 'failed' : found;
  const run = runOf(end);
  return {
    ...{ version: 1, event: 'deployment-finished', outcome, environment: fleet.environment },
    deployment: files.result?.deployment ?? run.name,
    ...{ repository: fleet.repository, revision: run.revision ?? files.changes?.head ?? fleet.revision },
    ...peopleOf(end),
    ...{ startedAt: run.startedAt ?? now.toISOString(), finishedAt: now.toISOString() },
    services,
    problem: outcome === 'succeeded' ? null : problemOf(end),
    ...(run.pipeline === null ? {} : { pipeline: run.pipeline }),
  };
}

/** What GitLab says about the run itself. */
function runOf({ env }: PipelineEnd) {
  const id = filled(env['CI_PIPELINE_ID']);
  const url = filled(env['CI_PIPELINE_URL']);
  return {
    name: id === undefined ? 'by hand' : `pipeline ${id}`,
    revision: filled(env['CI_COMMIT_SHA']),
    startedAt: filled(env['CI_PIPELINE_CREATED_AT']),
    pipeline: id === undefined || url === undefined ? null : { id: `#${id}`, url },
  };
}

/** Who pushed or started it, who let it through, and why. */
function peopleOf({
  env,
  secrets: { redact },
}: PipelineEnd): Pick<Announcement, 'request' | 'actor' | 'approvedBy'> {
  const login = filled(env['GITLAB_USER_LOGIN']);
  const reason = filled(env['CI_COMMIT_TITLE']);
  const approvers = (env['SENTINEL_APPROVED_BY'] ?? '').split(',').map((name) => name.trim());
  return {
    request: { kind: 'pipeline', reason: reason === undefined ? null : redact(reason) },
    actor: {
      id: login === undefined ? 'gitlab' : `gitlab:${login}`,
      name: redact(filled(env['GITLAB_USER_NAME']) ?? login ?? 'GitLab'),
    },
    approvedBy: approvers.filter((name) => name !== '').map(redact),
  };
}

/** Outcomes that say themselves that it did not go well. */
const stopping: ReadonlySet<Outcome> = new Set(['failed', 'rolled-back', 'needs-attention', 'cancelled']);

function servicesOf(end: PipelineEnd): readonly AnnouncedService[] {
  const { changes, plan } = end.files;
  if (changes === null) return [];
  const all = [...changes.deploy, ...changes.remove];
  // Where everything was looked at, services nothing was planned for are no news while they are well.
  const news = all.filter(
    (change) =>
      plan === null ||
      changes.mode === 'incremental' ||
      planned(plan, change.name) ||
      outcomeOf(change, end) !== 'succeeded',
  );
  return news.map((change) => {
    const { name, action } = change;
    const service = end.fleet.services.find((each) => each.name === name);
    const known = plan?.services.find((each) => each.name === name);
    return {
      ...{ name, action },
      displayName: end.secrets.redact(service?.displayName ?? known?.displayName ?? name),
      host: service?.host ?? known?.host ?? 'its host',
      outcome: outcomeOf(change, end),
      ...(plan === null ? definedParts(service) : plannedParts(plan, name)),
    };
  });
}

function planned({ steps }: PlanFile, name: string): boolean {
  return steps.some(({ service }) => service === name);
}

/** What verify saw is newer than what deploy said, but only the stage that acted knows that it put something back. */
function outcomeOf({ name, action }: ChangedService, { files, failure }: PipelineEnd): Outcome {
  const { result, verification } = files;
  const acted = result?.services[name];
  if (acted !== undefined && stopping.has(acted)) return acted;
  const seen = verification?.services.find((each) => each.name === name)?.status;
  if (seen !== undefined) return outcomeOfStatus[seen];
  if (acted !== undefined) return acted;
  // A later stage than deploy left the result, so deploy itself went well.
  const deployed = result !== null && result.command !== 'deploy' && action !== 'delete';
  return failure && !deployed ? 'failed' : 'succeeded';
}

/** Without a plan made from what runs, it is known what was to run, but not what ran before. */
function definedParts(service: Service | undefined): Pick<AnnouncedService, 'stages' | 'images'> {
  const images = service?.containers.map(({ name, image }) => ({
    container: name,
    before: null,
    after: image,
  }));
  return { stages: ['deploy'], images: images ?? [] };
}

const stages = ['deploy', 'traefik', 'dns', 'authentik', 'glance'] as const;

function plannedParts(plan: PlanFile, name: string): Pick<AnnouncedService, 'stages' | 'images'> {
  const steps = plan.steps.filter(({ service }) => service === name);
  const images = steps
    .filter(({ stage }) => stage === 'deploy')
    .flatMap(({ before, after }) => {
      const [old, wanted] = [referencesOf(before), referencesOf(after)];
      return [...new Set([...old.keys(), ...wanted.keys()])].map((container) => ({
        container,
        before: old.get(container) ?? null,
        after: wanted.get(container) ?? null,
      }));
    })
    .filter(({ before, after }) => before !== after);
  return {
    stages: stages.filter((stage) => steps.some((step) => step.stage === stage)),
    images,
  };
}

/** Image references by container, in the state of a step of the stage deploy. */
function referencesOf(state: object | null): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(fieldsOf(fieldsOf(state)['images'])).flatMap(([container, image]) => {
      const { reference } = fieldsOf(image);
      return typeof reference === 'string' ? [[container, reference] as const] : [];
    }),
  );
}

function problemOf({ files, failure, secrets }: PipelineEnd): Announcement['problem'] {
  const { result } = files;
  if (result?.problem != null) {
    const { code, message, hint } = result.problem;
    return {
      code,
      message: secrets.redact(message),
      where: null,
      hint: hint === undefined ? null : secrets.redact(hint),
    };
  }
  const checks =
    files.verification?.services.flatMap(({ checks: all }) =>
      all.filter(({ status }) => status === 'failed'),
    ) ?? [];
  const [first] = checks;
  if (first !== undefined)
    return { code: codeOfCheck[first.check], message: secrets.redact(first.detail), where: null, hint: null };
  if (!failure) return null;
  return {
    code: 'pipeline-failed',
    message: stoppedAt(files),
    where: null,
    hint: 'Look at the log of its failed job.',
  };
}

/** GitLab tells a job nothing of the others, but what they left tells how far they came. */
function stoppedAt({ changes, plan, result }: StageFiles): string {
  if (changes === null) return 'The pipeline stopped before it was known what changed. Nothing was touched.';
  if (result !== null) return `The pipeline stopped at or after “${result.command}”.`;
  return plan === null
    ? 'The pipeline stopped before anything was touched.'
    : 'The pipeline stopped after the plan was made.';
}
