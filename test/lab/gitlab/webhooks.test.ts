import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { openLab } from './support.ts';

/** Somebody who listens, and answers with what is in the queue, 200 after that. */
async function listener() {
  const got: { headers: Record<string, unknown>; text: string; body: Record<string, unknown> }[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    void readText(request).then((text) => {
      got.push({ headers: request.headers, text, body: JSON.parse(text) as Record<string, unknown> });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/gitlab`, got, answers };
}

async function openHooked(hook: { readonly token?: string; readonly signingToken?: string } = {}) {
  const opened = await openLab();
  const ear = await listener();
  opened.project.addHook({ url: ear.url, ...hook });
  const push = () =>
    opened.project.push({ by: opened.users.dev, files: { 'README.md': 'x' }, message: 'docs: x' });
  const events = () => ear.got.map(({ headers }) => headers['x-gitlab-event']);
  return { ...opened, ear, push, events };
}

test('a push and its pipeline are told with the headers and bodies of GitLab', async () => {
  const { lab, ear, push, project, events } = await openHooked({ token: 'hook-secret' });
  const sha = await push();
  await eventually(() => ear.got.length === 2);
  expect(events()).toEqual(['Push Hook', 'Pipeline Hook']);
  const [pushed, pipeline] = ear.got;
  expect(pushed!.headers).toMatchObject({
    'x-gitlab-token': 'hook-secret',
    'x-gitlab-instance': lab.url,
    'idempotency-key': expect.any(String) as string,
    'x-gitlab-event-uuid': expect.any(String) as string,
  });
  expect(pushed!.body).toMatchObject({
    ...{
      object_kind: 'push',
      ref: 'refs/heads/main',
      after: sha,
      user_username: 'dev',
      total_commits_count: 1,
    },
    commits: [{ id: sha, title: 'docs: x' }],
    project: { id: project.id, path_with_namespace: 'homelab/services' },
  });
  expect(pipeline!.body).toMatchObject({
    object_kind: 'pipeline',
    object_attributes: { sha, ref: 'main', source: 'push', status: 'running', stages: ['plan', 'deploy'] },
    builds: [
      { name: 'plan_deployment' },
      { name: 'deploy', status: 'manual', manual: true, allow_failure: false },
    ],
    user: { username: 'dev' },
  });
  expect(JSON.stringify(lab.webhooks.deliveries)).not.toContain('hook-secret');
});

test('a job is told flat, as kind "build"', async () => {
  const { ci, push, ear, events } = await openHooked();
  await push();
  await eventually(() => ci.pipelines().length === 1);
  ci.become('plan_deployment', 'success', 'manual');
  await eventually(() => ear.got.length === 4);
  expect(events()).toEqual(['Push Hook', 'Pipeline Hook', 'Job Hook', 'Pipeline Hook']);
  expect(ear.got[2]!.body).toMatchObject({
    ...{ object_kind: 'build', build_name: 'plan_deployment', build_status: 'success' },
    ...{ pipeline_id: ci.pipelines()[0]!.id, build_allow_failure: false },
  });
  expect(ear.got[3]!.body).toMatchObject({
    object_attributes: { status: 'manual', detailed_status: 'blocked' },
  });
});

test('a merge request is told when it opens', async () => {
  const { client, project, users, ear } = await openHooked();
  await project.push({ by: users.dev, branch: 'bump', files: { a: 'a' }, message: 'feat: a' });
  await client('dev').MergeRequests.create(project.id, 'bump', 'main', 'feat: a');
  const told = await eventually(() => ear.got.find(({ body }) => body['object_kind'] === 'merge_request'));
  expect(told.headers['x-gitlab-event']).toBe('Merge Request Hook');
  expect(told.body).toMatchObject({ object_attributes: { iid: 1, action: 'open', state: 'opened' } });
});

test('a signing token signs id, time and the raw body', async () => {
  const { ear, push } = await openHooked({ signingToken: 'signing-secret' });
  await push();
  const { headers, text } = await eventually(() => ear.got[0]);
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`;
  const code = createHmac('sha256', 'signing-secret').update(signed).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${code}`);
  expect(headers['webhook-id']).toBe(headers['idempotency-key']);
});

test('a delivery that failed is tried again with the same key', async () => {
  const { lab, ear, push, project } = await openHooked();
  project.state.pipelineDelay = 'never';
  ear.answers.push(500);
  await push();
  await eventually(() => ear.got.length === 2);
  await lab.webhooks.settled();
  expect(new Set(ear.got.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(lab.webhooks.deliveries).toMatchObject([{ event: 'Push Hook', tries: [500, 200] }]);
});

test('deliveries are lost, repeated and swapped on request', async () => {
  const { lab, ear, push, events, ci } = await openHooked();
  lab.webhooks.faults.next({ event: 'Push Hook', does: 'lose' });
  lab.webhooks.faults.next({ event: 'Pipeline Hook', does: 'delay' });
  lab.webhooks.faults.next({ event: 'Job Hook', does: 'repeat' });
  await push();
  await eventually(() => ci.pipelines().length === 1);
  ci.become('plan_deployment', 'success');
  await eventually(() => ear.got.length === 3);
  expect(events()).toEqual(['Job Hook', 'Job Hook', 'Pipeline Hook']);
  expect(ear.got[0]!.headers['idempotency-key']).toBe(ear.got[1]!.headers['idempotency-key']);
  await lab.webhooks.redeliver(lab.webhooks.deliveries[1]!);
  expect(events()).toHaveLength(4);
});

test('hooks are made and shown through the API, their tokens never', async () => {
  const { client, project, lab } = await openLab();
  const hook = await client().ProjectHooks.add(project.id, 'http://127.0.0.1:9/', {
    ...{ token: 'hook-secret', pipelineEvents: true, pushEvents: false },
  });
  expect(hook).toMatchObject({ pipeline_events: true, push_events: false, job_events: false });
  expect(JSON.stringify(await client().ProjectHooks.all(project.id))).not.toContain('hook-secret');
  expect(JSON.stringify(lab.exchanges)).not.toContain('hook-secret');
  await client().ProjectHooks.remove(project.id, hook.id);
  expect(project.state.hooks).toEqual([]);
});
