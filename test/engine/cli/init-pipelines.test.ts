import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { execa } from 'execa';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fleetPipeline } from '../../../engine/cli/init/fleet-pipeline.ts';
import { sharedPipeline, singlePipeline } from '../../../engine/cli/init/single-pipeline.ts';

interface Job {
  readonly stage: string;
  readonly extends?: string;
  readonly needs?: readonly (string | { readonly job: string; readonly artifacts?: boolean })[];
  readonly rules?: readonly Readonly<Record<string, unknown>>[];
  readonly allow_failure?: unknown;
  readonly resource_group?: string;
  readonly script: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly artifacts?: {
    readonly reports?: Readonly<Record<string, string>>;
    readonly paths?: readonly string[];
  };
}
interface Pipeline {
  readonly stages: readonly string[];
  readonly workflow: { readonly rules: readonly Readonly<Record<string, unknown>>[] };
  readonly jobs: Readonly<Record<string, Job>>;
}

const small = singlePipeline({ project: 'homelab/gitops-templates', service: 'grafana' });
const pipelines = { fleet: read(fleetPipeline), single: read(sharedPipeline) };

describe('the fleet pipeline', () => {
  const { stages, jobs } = pipelines.fleet;

  test('has the ten stages and thirteen jobs of the walkthrough, each job in its stage', () => {
    expect(stages).toEqual([
      'detect',
      'validate',
      'plan',
      'deploy',
      'configure_routing',
      'configure_security',
      'configure_dashboard',
      'verify',
      'notify',
      'rollback',
    ]);
    expect(Object.entries(jobs).map(([name, { stage }]) => `${stage}: ${name}`)).toEqual([
      'detect: detect_changes',
      'validate: validate_services',
      'plan: plan_deployment',
      'deploy: deploy_containers',
      'deploy: remove_services',
      'configure_routing: configure_traefik',
      'configure_routing: configure_dns',
      'configure_security: configure_authentik',
      'configure_dashboard: update_glance',
      'verify: verify_deployment',
      'notify: notify_success',
      'notify: notify_failure',
      'rollback: rollback',
    ]);
  });

  test('stops where the walkthrough stops, and goes on where it goes on', () => {
    const goesOn = Object.entries(jobs).flatMap(([name, job]) => (job.allow_failure === true ? [name] : []));
    expect(goesOn).toEqual([
      'configure_traefik',
      'configure_dns',
      'configure_authentik',
      'update_glance',
      'verify_deployment',
      'notify_success',
      'notify_failure',
      'rollback',
    ]);
  });

  test('waits at one job when an approval is asked for, and everything that changes something comes after it', () => {
    const gates = Object.entries(jobs).filter(([, { rules }]) =>
      rules?.some((rule) => rule['when'] === 'manual' && rule['allow_failure'] === false),
    );
    expect(gates.map(([name]) => name)).toEqual(['deploy_containers']);
    for (const [name, job] of Object.entries(jobs))
      if (job.resource_group !== undefined && !['deploy_containers', 'rollback'].includes(name))
        expect([name, [...before(name, jobs)]]).toEqual([
          name,
          expect.arrayContaining(['deploy_containers']),
        ]);
  });

  test('hands changes.json to every job that works on it', () => {
    for (const [name, { script, stage }] of Object.entries(jobs))
      if (stage !== 'notify' && !/sentinel (?:detect|validate|plan) /.test(script.join()))
        expect([name, needed(jobs[name]).get('detect_changes')]).toEqual([name, true]);
    expect(jobs['detect_changes']?.artifacts).toMatchObject({
      paths: ['changes.json'],
      reports: { dotenv: 'sentinel.env' },
    });
  });

  test('hands the plan to the jobs behind the gate, and its digest to none: an approval brings that', () => {
    const handed = Object.entries(jobs).filter(([, job]) => needed(job).get('plan_deployment') === true);
    expect(handed.map(([name]) => name)).toEqual([
      'deploy_containers',
      'remove_services',
      'configure_traefik',
      'configure_dns',
      'configure_authentik',
      'update_glance',
    ]);
    expect(jobs['plan_deployment']?.artifacts?.reports).toBeUndefined();
  });
});

describe('the pipeline of single repositories', () => {
  const { stages, jobs } = pipelines.single;

  test('has the stages and jobs of the tutorial', () => {
    expect(stages).toEqual(['validate', 'deploy', 'configure', 'verify', 'notify']);
    expect(Object.keys(jobs)).toEqual([
      'validate:service-yml',
      'validate:docker-compose',
      'deploy:container',
      'scheduled:update',
      'configure:traefik',
      'configure:dns',
      'configure:authentik',
      'configure:glance',
      'verify:health',
      'notify:success',
      'notify:failure',
      'rollback',
    ]);
  });
  test('goes on without a system around the service, but not without the service', () => {
    expect(jobs['configure:dns']?.allow_failure).toEqual({ exit_codes: [4] });
    expect(jobs['verify:health']?.allow_failure).toEqual({ exit_codes: [4] });
    expect(jobs['deploy:container']?.allow_failure).toBeUndefined();
  });
  test('is included by a file that says which service it is', () => {
    expect(parse(small)).toEqual({
      include: [{ project: 'homelab/gitops-templates', file: '/ci/deploy-docker-service.yml', ref: 'main' }],
      variables: { SERVICE_NAME: 'grafana' },
    });
  });
});

describe.each(Object.entries(pipelines))('every generated pipeline (%s)', (_, { stages, workflow, jobs }) => {
  test('needs nothing that is not there, nothing later, and nothing in a circle', () => {
    for (const [name, job] of Object.entries(jobs))
      for (const other of needed(job).keys()) {
        expect([name, Object.keys(jobs)]).toEqual([name, expect.arrayContaining([other])]);
        expect(stages.indexOf(jobs[other]?.stage ?? '')).toBeLessThanOrEqual(stages.indexOf(job.stage));
        expect(before(other, jobs).has(name)).toBe(false);
      }
  });
  test('runs what it has to for a push, by hand, by trigger, by schedule and for the bot, on both branches', () => {
    const conditions = workflow.rules.map((rule) => String(rule['if'])).join('\n');
    for (const source of ['push', 'web', 'trigger', 'schedule', 'api', 'merge_request_event'])
      expect(conditions).toContain(source);
    expect(new Set(workflow.rules.map(({ variables }) => JSON.stringify(variables)))).toEqual(
      new Set(['{"SENTINEL_ENVIRONMENT":"staging"}', '{"SENTINEL_ENVIRONMENT":"production"}']),
    );
  });
  test('only looks in a merge request', () => {
    for (const [name, job] of Object.entries(jobs)) {
      const never = job.rules?.some(
        (rule) => rule['when'] === 'never' && String(rule['if']).includes('merge_request_event'),
      );
      const looks = /sentinel (?:detect|validate|plan) /.test(job.script.join());
      const byClock = name === 'scheduled:update'; // its only rule names the schedule
      expect([name, never]).toEqual([name, !looks && !byClock]);
    }
  });
  test('lets one job of an environment change something at a time, and gives every job its variables', () => {
    for (const [name, job] of Object.entries(jobs)) {
      const changes = !/sentinel (?:detect|validate|plan|notify) /.test(job.script.join());
      expect([name, job.resource_group]).toEqual([name, changes ? '$SENTINEL_ENVIRONMENT' : undefined]);
      expect([name, job.environment?.['name']]).toEqual([name, '$SENTINEL_ENVIRONMENT']);
    }
  });
  test('tells a failure whatever was skipped, and can go back after one', () => {
    const notify = Object.values(jobs).find(({ script }) => script.join().includes('notify --failure'));
    expect(notify?.needs).toBeUndefined();
    expect(notify?.rules?.at(-1)).toEqual({ when: 'on_failure' });
    const rollback = jobs['rollback'];
    expect(rollback?.rules?.at(-1)).toEqual({ when: 'manual', allow_failure: true });
    // With needs it waits for those alone; without them a failure before would leave it skipped.
    expect([...needed(rollback).keys()].every((name) => name === 'detect_changes')).toBe(true);
    expect(rollback?.needs).toBeDefined();
  });
});

const contract = '../shared/contracts/gitlab-ci.schema.json';
describe.skipIf(!existsSync(contract))(`GitLab's own schema (${contract}, skipped without it)`, () => {
  const validate = existsSync(contract) ? compile() : undefined;
  test.each(Object.entries({ fleet: fleetPipeline, shared: sharedPipeline, single: small }))(
    'takes the %s pipeline',
    (_, text) => {
      validate?.(parse(text, { merge: true }));
      expect(validate?.errors ?? []).toEqual([]);
    },
  );
});

describe('a runner outside GitLab', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sentinel-pipeline-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('runs the update in the place of the deployment when a schedule starts the pipeline', async () => {
    await clone(directory, sharedPipeline);
    const bySchedule = await list(directory, { CI_PIPELINE_SOURCE: 'schedule' });
    const names = Object.keys(pipelines.single.jobs);
    expect(namesOf(bySchedule)).toEqual(names.filter((name) => name !== 'deploy:container'));
  });

  test.each([
    ['fleet', fleetPipeline, pipelines.fleet],
    ['single', sharedPipeline, pipelines.single],
  ])('reads the %s pipeline as it is meant', async (_, text, { jobs }) => {
    await clone(directory, text);
    const listed = await list(directory, {});
    const names = Object.keys(jobs);
    expect(namesOf(listed)).toEqual(names.filter((name) => name !== 'scheduled:update'));
    expect(listed.find(({ name }) => name.startsWith('deploy'))).toMatchObject({ when: 'on_success' });
    const merge = await list(directory, { CI_PIPELINE_SOURCE: 'merge_request_event' });
    expect(namesOf(merge)).toEqual(names.filter((name) => /^(?:detect|validate|plan)/.test(name)));
    const gated = await list(directory, { SENTINEL_APPROVAL: 'manual' });
    expect(gated.find(({ name }) => name.startsWith('deploy'))).toMatchObject({
      when: 'manual',
      allow_failure: false,
    });
  });
});

/** Jobs with what they extend, in the order of the file. */
function read(text: string): Pipeline {
  const file = parse(text, { merge: true }) as Record<string, unknown> &
    Pick<Pipeline, 'stages' | 'workflow'>;
  const known = file as unknown as Record<string, Job | undefined>;
  const whole = (job: Job | undefined): object =>
    job === undefined ? {} : { ...whole(known[job.extends ?? '']), ...job };
  const jobs = Object.entries(file).filter(
    ([name, value]) =>
      !name.startsWith('.') && typeof value === 'object' && value !== null && 'script' in value,
  );
  return {
    stages: file.stages,
    workflow: file.workflow,
    jobs: Object.fromEntries(jobs.map(([name, job]) => [name, whole(job as Job) as Job])),
  };
}

/** What a job waits for, and whether it gets the files. */
function needed(job: Job | undefined): ReadonlyMap<string, boolean> {
  return new Map(
    job?.needs?.map((need) => (typeof need === 'string' ? [need, true] : [need.job, need.artifacts ?? true])),
  );
}

function before(name: string, jobs: Pipeline['jobs'], seen = new Set<string>()): ReadonlySet<string> {
  for (const other of needed(jobs[name]).keys())
    if (!seen.has(other)) {
      seen.add(other);
      before(other, jobs, seen);
    }
  return seen;
}

function compile() {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  return ajv.compile(JSON.parse(readFileSync(contract, 'utf8')) as object);
}

async function clone(directory: string, text: string): Promise<void> {
  const origin = join(directory, 'origin.git');
  const work = join(directory, 'work');
  const git = (cwd: string, ...args: string[]) => execa('git', args, { cwd });
  await git(directory, 'init', '--quiet', '--bare', '--initial-branch=main', origin);
  await git(directory, 'clone', '--quiet', origin, work);
  writeFileSync(join(work, '.gitlab-ci.yml'), text);
  await git(work, 'checkout', '--quiet', '-B', 'main');
  await git(work, 'add', '.');
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@home.lan'];
  await git(work, ...who, 'commit', '--quiet', '-m', 'feat: the pipeline');
  await git(work, 'push', '--quiet', 'origin', 'main');
  await git(work, 'remote', 'set-head', 'origin', '-a');
  mkdirSync(join(directory, 'home'));
}

/** In the order of the file. */
function namesOf(listed: Awaited<ReturnType<typeof list>>): readonly string[] {
  return listed.flatMap(({ name, when }) => (when === 'never' ? [] : [name]));
}

async function list(
  directory: string,
  variables: Readonly<Record<string, string>>,
): Promise<readonly { readonly name: string; readonly when: string; readonly allow_failure: boolean }[]> {
  const given = Object.entries({ CI_PIPELINE_SOURCE: 'push', ...variables }).flatMap(([name, value]) => [
    '--variable',
    `${name}=${value}`,
  ]);
  const { stdout } = await execa(
    process.execPath,
    [
      resolve('node_modules/gitlab-ci-local/dist/index.js'),
      ...['--list-json', '--home', join(directory, 'home')],
      ...['--no-evaluate-rule-changes', ...given],
    ],
    { cwd: join(directory, 'work') },
  );
  return JSON.parse(stdout.slice(stdout.search(/^\[\s*\{/m))) as Awaited<ReturnType<typeof list>>;
}
