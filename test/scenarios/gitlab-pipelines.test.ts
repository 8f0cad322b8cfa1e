import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exportAudit } from '../../data/index.ts';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import {
  gatedPipeline,
  openGitlabStage,
  scriptedPipeline,
  seen,
  show,
  times,
  type GitlabStage,
} from './gate-stage.ts';
import { auditHolds, hasButton, storeIn } from './stage.ts';

describe('a pipeline, followed from Discord', { timeout: 180_000 }, () => {
  let world: World;
  let stage: GitlabStage;
  beforeAll(async () => {
    world = await createSimulatedWorld({ hosts: 1 });
  }, 60_000);
  afterEach(async () => {
    show(stage);
    await stage.close();
  }, 60_000);
  afterAll(async () => {
    await world.close();
  }, 60_000);

  const open = async (pipeline = gatedPipeline, as: 'inside' | 'process' = 'inside'): Promise<void> => {
    stage = await openGitlabStage(world, pipeline);
    await stage.startBot(as);
  };
  const audited = (): string => {
    const lines: string[] = [];
    exportAudit(stage.database, {}, (line) => void lines.push(line));
    return lines.join('\n');
  };
  const ended = (job: string, status: string): Promise<unknown> =>
    eventually(() => stage.statusOf(job) === status || null, `${job} to be ${status}`, 30_000);

  test('of an approved change runs to its end: the gate is started at once, in one message', async () => {
    await open();
    await stage.define();
    // The owner's own push has a gate of its own, which nobody is asked to open here.
    const first = await stage.gate();
    expect((await stage.approve(stage.people.ben, first)).content).not.toContain('not allowed');
    await stage.cardSays('succeeded');
    expect(await stage.page()).toBe('web 1');

    const { card } = await stage.ask('deploy', { version: '2' });
    await stage.approve(stage.people.ben, await card());
    const told = await stage.cardSays('succeeded', 'deploy_containers', 'plan_deployment');
    expect(await stage.page()).toBe('web 2');
    expect(told).toContain('started, approved by');
    expect(told).toContain(`Pipeline ${stage.newestPipeline().id}`);
    const { ci } = stage.git.project.state;
    const played = stage.newestPipeline().jobs.find(({ name }) => name === 'deploy_containers');
    expect(played?.by.username).toBe('sentinel');
    expect(ci.trace(played?.id ?? 0)).toContain('agreed by ben');
    expect(times(stage.threads(), 'deploy_containers started')).toBeLessThanOrEqual(2);
    expect(await stage.services.read(stage.service.file)).toContain('web:2');
    expect(auditHolds(stage.database)).toBe(true);
  });

  test('of a push outside Discord waits until somebody else approves, and a refusal leaves it', async () => {
    await open();
    const { ana, ben, dora } = stage.people;
    await stage.git.project.push({
      ...{ by: stage.git.ana, message: 'feat: mine' },
      files: { 'README.md': 'hello\n' },
    });
    const gate = await stage.gate();
    expect(seen(gate)).toContain('deploy_containers');
    await stage.cardSays('waits for approval', 'Started in GitLab by a push');
    for (const who of [dora, ana]) {
      const answer = await (await who.click(gate, 'Approve')).reply({ within: 60_000 });
      expect(seen(answer)).toMatch(/may not|not allowed|own request/i);
    }
    const list = await (await ben.command('approve', {})).reply({ within: 60_000 });
    expect(seen(list)).toMatch(/p-/);
    expect(stage.statusOf('deploy_containers')).toBe('manual');
    stage.git.lab.faults.next({
      ...{ method: 'POST', path: /\/play$/ },
      reply: { status: 403, body: { message: '403 Forbidden' } },
    });
    const refused = await stage.approve(ben, gate);
    expect(seen(refused)).toContain('403');
    expect(stage.statusOf('deploy_containers')).toBe('manual');
    await stage.approve(ben, await stage.gate());
    await ended('deploy_containers', 'success');
    await stage.cardSays('deploy_containers started');
    expect(audited()).toMatch(/ben.*approved|approved.*ben/);
    expect(auditHolds(stage.database)).toBe(true);
  });

  test('played in GitLab meanwhile: the request closes and the card says how it went', async () => {
    await open();
    await stage.define();
    await stage.gate();
    const job = stage.newestPipeline().jobs.find(({ name }) => name === 'deploy_containers');
    expect(stage.git.project.state.ci.play(job?.id ?? 0, stage.git.olivia, {})).toBe(true);
    await stage.cardSays('succeeded');
    await eventually(
      () => stage.channel().every((message) => !hasButton(message, 'Approve')) || null,
      'the request to close',
    );
    expect(await stage.page()).toBe('web 1');
  });

  test('is told once by posts that are forged, repeated, out of order or lost', async () => {
    await open(scriptedPipeline(['one:', '  stage: first', '  script: ["true"]']));
    const { webhooks } = stage.git.lab;
    const url = `http://127.0.0.1:${stage.git.webhook.port}/hooks/gitlab`;
    const forged = await fetch(url, {
      ...{ method: 'POST', body: '{"object_kind":"pipeline"}' },
      headers: {
        'content-type': 'application/json',
        'x-gitlab-event': 'Pipeline Hook',
        'x-gitlab-token': 'no',
      },
    });
    expect(forged.status).toBe(401);
    webhooks.faults.next({ event: 'Pipeline Hook', does: 'repeat' });
    webhooks.faults.next({ event: 'Pipeline Hook', does: 'delay' });
    await stage.git.project.push({ by: stage.git.olivia, files: { a: '1' }, message: 'feat: a' });
    await stage.cardSays('succeeded');
    await webhooks.settled();
    stage.git.project.state.hooks.length = 0; // from here on nothing is told
    await stage.git.project.push({ by: stage.git.olivia, files: { a: '2' }, message: 'feat: b' });
    await eventually(() => times(cards(), '· succeeded') === 2 || null, 'two cards', 30_000);
    expect(storeIn(stage.database).deployments.recent(10)).toHaveLength(2);
  });
  const cards = (): string => stage.channel().map(seen).join('\n');

  test('goes on while the bot is dead and GitLab is away, and is told whole and once', async () => {
    const slow = [
      'one:',
      '  stage: first',
      '  script: [sleep 3]',
      'two:',
      '  stage: second',
      '  script: ["true"]',
    ];
    await open(scriptedPipeline(slow), 'process');
    await stage.git.project.push({ by: stage.git.olivia, files: { a: '1' }, message: 'feat: a' });
    await stage.cardSays('one', 'began');
    await stage.bot().kill();
    await ended('two', 'success');
    await stage.git.lab.down();
    await stage.startBot('process');
    await stage.git.lab.up();
    await stage.cardSays('succeeded', 'one', 'two');
    expect(times(cards(), 'deployment d-')).toBe(1);
    expect(times(stage.threads(), 'Pipeline found')).toBe(1);
  });

  test('whose job fails shows the end of its log, without colours and without secrets', async () => {
    const secret = 'c4nary-in-a-j0b-log';
    const print = `printf '\\033[31mred %s\\033[0m no route to the moon\\n' "$CANARY"; exit 1`;
    await open(
      scriptedPipeline([
        ...['soft:', '  stage: first', '  allow_failure: true', `  script: ['false']`],
        ...['one:', '  stage: second', '  script:', '    - |', `      ${print}`],
      ]),
    );
    stage.git.project.addVariable({ key: 'CANARY', value: secret, masked: true });
    await stage.git.project.push({ by: stage.git.olivia, files: { a: '1' }, message: 'feat: a' });
    await stage.cardSays('failed', 'one');
    await eventually(() => stage.threads().includes('no route to the moon') || null, 'the log in the thread');
    const all = await stage.everythingSeen();
    expect(all).not.toContain(secret);
    expect(all).not.toContain('\\u001b');
    const soft = [
      'one:',
      '  stage: first',
      '  allow_failure: true',
      `  script: ['false']`,
      'two:',
      '  stage: second',
      '  script: ["true"]',
    ];
    const files = { '.gitlab-ci.yml': scriptedPipeline(soft) };
    await stage.git.project.push({ by: stage.git.olivia, files, message: 'ci: softer' });
    await stage.cardSays('degraded');
  });

  test('that somebody aborts is cancelled in GitLab, and the card says what stands', async () => {
    await open(scriptedPipeline(['deploy:', '  stage: first', '  script: [sleep 60]']));
    await stage.git.project.push({ by: stage.git.olivia, files: { a: '1' }, message: 'feat: a' });
    await stage.cardSays('deploy', 'began');
    await (await stage.people.ana.click(await stage.cardWith('Abort'), 'Abort')).reply({ within: 30_000 });
    const told = await stage.cardSays('needs attention');
    expect(told).toContain('A job that changes the hosts had begun');
    expect(stage.newestPipeline().status).toBe('canceled');
  });
});
