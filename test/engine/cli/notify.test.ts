import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openNotifier } from '../../../bot/open-notifier.ts';
import { startNtfy, startWebhook, type NtfyLab, type WebhookLab } from '../../../lab/sinks/index.ts';
import { createScratch } from '../providers/git/scratch.ts';
import { definition, inventory, sentinel, type Answer } from './command-line.ts';

let scratch: ReturnType<typeof createScratch>;
let directory: string;
let webhook: WebhookLab;
let ntfy: NtfyLab;
beforeEach(async () => {
  scratch = createScratch();
  directory = scratch.directory('homelab');
  webhook = await startWebhook({ token: 'hook-token-1' });
  ntfy = await startNtfy();
  const told = `notifications:\n  ntfy:\n    enabled: true\n`;
  write({
    'sentinel.yml': `${inventory.replace('127.0.0.53 }', '127.0.0.53, password: PIHOLE_API_PASSWORD }')}  ntfy: { url: ${ntfy.url}, topic: homelab }\n  webhook: { url: HOOK_URL, token: HOOK_TOKEN }\n`,
    'services/downloads/metube.yml':
      definition('metube').replace('display_name: metube', 'display_name: MeTube') + told,
    'services/downloads/other.yml': definition('other', { port: 8090 }),
    'changes.json': changes({ metube: 'modify' }),
  });
});
afterEach(async () => {
  scratch.remove();
  await Promise.all([webhook.close(), ntfy.close()]);
});

function write(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

function changes(
  actions: Readonly<Record<string, 'add' | 'modify' | 'delete'>>,
  mode = 'incremental',
): object {
  const all = Object.entries(actions).map(([name, action]) => ({
    path: `services/downloads/${name}.yml`,
    name,
    action,
  }));
  const of = (action: string) => all.filter((each) => each.action === action).length;
  return {
    deploy: all.filter(({ action }) => action !== 'delete'),
    remove: all.filter(({ action }) => action === 'delete'),
    ...{ added: of('add'), modified: of('modify'), deleted: of('delete'), total: all.length, mode },
  };
}

function verification(status: 'passed' | 'degraded' | 'failed', check = 'health_endpoint'): object {
  const outcome = status === 'passed' ? 'passed' : 'failed';
  const checks = [{ check, status: outcome, detail: 'http://127.0.0.11:8082/ answered 502, not 200.' }];
  const count = { passed: 0, degraded: 0, failed: 0, [status]: 1, total: 1 };
  return { services: [{ name: 'metube', host: 'docker-media', status, checks }], ...count };
}

const result = (more: object): object => ({
  ...{
    command: 'deploy',
    outcome: 'succeeded',
    services: {},
    problem: null,
    deployment: 'd-234567',
    revision: 'a'.repeat(40),
    environment: 'production',
  },
  ...more,
});

function run(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const env = {
    CI_PIPELINE_ID: '812',
    CI_PIPELINE_URL: 'https://gitlab.home.lan/homelab/services/-/pipelines/812',
    CI_PROJECT_PATH: 'homelab/services',
    CI_COMMIT_SHA: 'b'.repeat(40),
    CI_COMMIT_TITLE: 'feat: newer MeTube',
    GITLAB_USER_LOGIN: 'ada',
    GITLAB_USER_NAME: 'Ada',
    HOOK_URL: webhook.address,
    HOOK_TOKEN: 'hook-token-1',
    ...variables,
  };
  return sentinel(['notify', ...args, '--repository', '.', '--environment', 'production'], {
    ...{ directory, env, openNotifier: () => openNotifier(env) },
  });
}
const titles = (): readonly unknown[] => webhook.caught.map((each) => (each as { title: string }).title);

describe('a pipeline that went well', () => {
  test('is told with the worst any of its jobs left, and without what a pipeline before left', async () => {
    const pipeline = { id: 812, url: null };
    const problem = { code: 'dashboard-invalid', message: 'Glance did not take it.' };
    write({
      'verification.json': verification('passed'),
      'result.json': result({ command: 'verify', services: { metube: 'succeeded' }, pipeline }),
      'results/verify.json': result({ command: 'verify', services: { metube: 'succeeded' }, pipeline }),
      'results/glance.json': result({
        ...{ command: 'glance', outcome: 'degraded', services: { metube: 'degraded' }, problem, pipeline },
      }),
      'results/deploy.json': result({
        ...{ services: { metube: 'failed' }, outcome: 'failed', pipeline: { ...pipeline, id: 811 } },
      }),
    });
    expect(await run(['--success'])).toMatchObject({ exitCode: 0 });
    expect(webhook.caught).toMatchObject([
      { outcome: 'degraded', problem: { message: 'Glance did not take it.' } },
    ]);
  });
  test('is told in the words of a deployment, with who pushed it, why, and where to look', async () => {
    write({
      'verification.json': verification('passed'),
      'result.json': result({ services: { metube: 'succeeded' } }),
    });
    expect(await run(['--success'])).toEqual({
      exitCode: 0,
      out: 'told  ntfy\ntold  the webhook\n',
      err: '',
    });
    expect(webhook.caught).toMatchObject([
      {
        version: 1,
        title: '✅ MeTube deployed',
        outcome: 'succeeded',
        deployment: 'd-234567',
        revision: 'b'.repeat(40),
        request: { kind: 'pipeline', reason: 'feat: newer MeTube' },
        actor: { id: 'gitlab:ada', name: 'Ada' },
        services: [{ name: 'metube', host: 'docker-media', outcome: 'succeeded' }],
        pipeline: { id: '#812', url: 'https://gitlab.home.lan/homelab/services/-/pipelines/812' },
      },
    ]);
    expect(ntfy.messages).toMatchObject([{ title: 'MeTube deployed', topic: 'homelab' }]);
    expect(ntfy.messages[0]?.message).toContain('Asked by Ada (“feat: newer MeTube”)');
  });

  test('says the image that changed where the plan knows it', async () => {
    const image = (reference: string) => ({ images: { metube: { reference } } });
    const step = {
      ...{
        id: 's1',
        stage: 'deploy',
        service: 'metube',
        system: 'docker-media',
        target: '/opt/metube',
        cause: 'image',
      },
      ...{ changes: [], before: image('alexta69/metube:1'), after: image('alexta69/metube:2') },
    };
    const planned = {
      name: 'metube',
      displayName: 'MeTube',
      category: 'downloads',
      host: 'docker-media',
      action: 'modify',
    };
    write({
      'plan.json': {
        ...{
          repository: 'services',
          environment: 'production',
          revision: 'b'.repeat(40),
          downtime: 3,
          diff: '',
        },
        ...{
          services: [{ ...planned, dependsOn: [], proof: [] }],
          steps: [step],
          risks: [],
          digest: 'c'.repeat(64),
        },
      },
    });
    await run(['--success']);
    expect(ntfy.messages[0]?.message).toContain('1 → 2 on docker-media');
  });

  test('in which nothing changed is told to nobody', async () => {
    write({ 'changes.json': changes({}) });
    const { exitCode, out } = await run(['--success']);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('nobody is told')]);
    expect([webhook.caught, ntfy.messages]).toEqual([[], []]);
  });

  test('asks a service whether it wants to be told', async () => {
    write({ 'changes.json': changes({ other: 'add' }) });
    expect(await run(['--success'])).toMatchObject({ exitCode: 0, out: 'told  the webhook\n' });
    expect(ntfy.messages).toEqual([]);
  });
});

describe('a pipeline that is green, but whose stages found something', () => {
  test('is told as rolled back when verify put the service back', async () => {
    write({
      'verification.json': verification('failed'),
      'result.json': result({
        command: 'verify',
        outcome: 'rolled-back',
        services: { metube: 'rolled-back' },
      }),
    });
    await run(['--success']);
    expect(titles()).toEqual(['↩️ MeTube rolled back']);
    const problem = { code: 'health-failed', message: 'http://127.0.0.11:8082/ answered 502, not 200.' };
    expect(webhook.caught).toMatchObject([{ outcome: 'rolled-back', problem }]);
  });

  test('is told as degraded when a name does not resolve', async () => {
    write({ 'verification.json': verification('degraded', 'dns_resolution') });
    await run(['--success']);
    expect(titles()).toEqual(['🟠 MeTube deployed, but degraded']);
    expect(webhook.caught).toMatchObject([{ problem: { code: 'dns-wrong' } }]);
  });
});

describe('a pipeline that failed', () => {
  test('says what the failing stage said', async () => {
    const problem = {
      code: 'image-not-found',
      message: 'The registry has no metube:9.',
      hint: 'Check the tag.',
    };
    write({ 'result.json': result({ outcome: 'failed', services: { metube: 'failed' }, problem }) });
    expect((await run(['--failure'])).exitCode).toBe(0);
    expect(titles()).toEqual(['❌ MeTube was not deployed']);
    expect(ntfy.messages[0]?.message).toContain(
      'The registry has no metube:9.\nWhat ran before still runs.\n→ Check the tag.',
    );
  });

  test('before anything was known is told wherever sentinel.yml says', async () => {
    write({ 'changes.json': 'not JSON' });
    const { exitCode, err } = await run(['--failure']);
    expect([exitCode, err]).toEqual([0, 'changes.json is not as a stage writes it, and is left out.\n']);
    expect(titles()).toEqual(['❌ The pipeline of homelab/services failed']);
    expect(ntfy.messages).toMatchObject([{ title: 'The pipeline of homelab/services failed' }]);
  });

  test('while removing does not call what was deployed before a failure', async () => {
    write({
      'changes.json': changes({ metube: 'modify', gone: 'delete' }),
      'result.json': result({ command: 'remove', outcome: 'failed', services: { gone: 'failed' } }),
    });
    await run(['--failure']);
    expect(webhook.caught).toMatchObject([
      {
        outcome: 'failed',
        services: [
          { name: 'metube', outcome: 'succeeded' },
          { name: 'gone', outcome: 'failed' },
        ],
      },
    ]);
  });
});

describe('whoever is told', () => {
  test('and does not take it is named, ends with 4, and keeps nobody else from being told', async () => {
    const { exitCode, out, err } = await run(['--success'], { HOOK_TOKEN: 'wrong-token-7' });
    expect([exitCode, out]).toEqual([4, 'told  ntfy\n']);
    expect(err).toContain('The webhook answered 401: it does not let Sentinel in.');
    expect(err).not.toContain('wrong-token-7');
    expect(err).not.toContain(webhook.address);
  });

  test('never reads the value of a secret, whoever wrote it into a commit', async () => {
    await run(['--success'], { CI_COMMIT_TITLE: 'fix: use hook-token-1', GITLAB_USER_NAME: 'hook-token-1' });
    await run(['--success'], { CI_COMMIT_TITLE: 'fix: use hook-token-1' });
    expect(JSON.stringify([webhook.caught.slice(1), ntfy.messages.slice(1)])).not.toContain('hook-token-1');
  });

  test('is nobody where sentinel.yml names none', async () => {
    write({ 'sentinel.yml': inventory });
    const { exitCode, out } = await run(['--success']);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('names nobody')]);
  });
});

test('one of --success and --failure must be said', async () => {
  expect((await run([])).exitCode).toBe(2);
  expect((await run(['--success', '--failure'])).exitCode).toBe(2);
});
