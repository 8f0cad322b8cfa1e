import { afterEach, describe, expect, test } from 'vitest';
import type { Actor, Decision, Happening, Proposal, Result } from '../../engine/index.ts';
import {
  app,
  nobodyAsked,
  oneApproval,
  openEngineHouse,
  type EngineHouse,
  type EngineHouseOptions,
} from './engine-house.ts';
import { ana, ben, cleo } from './fixtures.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);

let house: EngineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});
async function open(options: EngineHouseOptions = {}): Promise<EngineHouse> {
  house = await openEngineHouse(options);
  await house.define(house.image('web:1'));
  return house;
}

function value<T>(result: Result<T>): T {
  if (!result.ok)
    throw new Error(result.problems.map(({ code, message }) => `${code}: ${message}`).join('\n'));
  return result.value;
}
const codes = (result: Result<unknown>): readonly string[] =>
  result.ok ? [] : result.problems.map(({ code }) => code);
const deploymentOf = (decision: Decision): string => {
  if (decision.kind !== 'started') throw new Error(`not started but ${decision.kind}`);
  return decision.deployment;
};
const ask = async (
  h: EngineHouse,
  more: { readonly version?: string; readonly revision?: string } = {},
  who: Actor = ana,
): Promise<Proposal> =>
  value(await h.engine.propose({ kind: 'deploy', service: app.name, ...more }, who, signal()));
const run = async (h: EngineHouse, proposal: Proposal): Promise<string> => {
  const deployment = deploymentOf(value(await h.engine.start(proposal.id, ana, signal())));
  await h.engine.finished(deployment);
  return deployment;
};
const told = (h: EngineHouse, deployment: string): readonly Happening['type'][] =>
  h.store.journal.events(deployment).map(({ type }) => type);

describe('publishing a version', () => {
  test('a deployment stopped while its commit is pushed ends cancelled, with Git as it was', async () => {
    let pushing: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (pushing = resolve));
    const h = await open({
      aroundGit: (git) => ({
        ...git,
        publish: (_publication, until) =>
          new Promise((_, reject) => {
            until.addEventListener('abort', () => reject(until.reason as Error));
            pushing();
          }),
      }),
    });
    await run(h, await ask(h));
    const head = await h.services.head();
    const deployment = deploymentOf(
      value(await h.engine.start((await ask(h, { version: '2' })).id, ana, signal())),
    );
    await started;
    value(h.engine.abort(deployment, ana));
    expect((await h.engine.finished(deployment)).outcome).toBe('cancelled');
    expect(told(h, deployment).at(-1)).toBe('finished');
    expect(await h.services.head()).toBe(head);
    const { statistics } = value(await h.engine.status({ service: app.name }, ana, signal()));
    expect(statistics.counts).toMatchObject({ succeeded: 1, cancelled: 1 });
  });

  test('a push whose answer is lost is looked up, and the deployment goes on', async () => {
    const h = await open({
      aroundGit: (git) => ({
        ...git,
        publish: async (publication, until) => {
          await git.publish(publication, until);
          throw new Error('the connection broke');
        },
      }),
    });
    await run(h, await ask(h));
    const deployment = await run(h, await ask(h, { version: '2' }));
    expect(h.store.deployments.get(deployment)?.outcome).toBe('succeeded');
    expect(await h.services.read(app.file)).toContain('web:2');
  });
});

describe('when the record cannot be written', () => {
  test('a start that cannot be recorded leaves the request as it was and every lock free', async () => {
    let broken = false;
    const h = await open({
      aroundStore: (store) => ({
        ...store,
        journal: {
          ...store.journal,
          append: (event) => {
            if (broken) throw new Error('disk is full');
            store.journal.append(event);
          },
        },
      }),
    });
    const proposal = await ask(h);
    broken = true;
    expect(codes(await h.engine.start(proposal.id, ana, signal()))).toEqual(['journal-failed']);
    expect(h.store.proposals.get(proposal.id)?.state).toBe('open');
    expect(h.store.locks.all()).toEqual([]);
    broken = false;
    const deployment = await run(h, proposal);
    expect(h.store.deployments.get(deployment)?.outcome).toBe('succeeded');
  });

  test('a journal that breaks midway does not take the process down, and frees the locks', async () => {
    let left = Infinity;
    const h = await open({
      aroundStore: (store) => ({
        ...store,
        journal: {
          ...store.journal,
          append: (event) => {
            left -= 1;
            if (left < 0) throw new Error('disk is full');
            store.journal.append(event);
          },
        },
      }),
    });
    const proposal = await ask(h);
    left = 2;
    const deployment = deploymentOf(value(await h.engine.start(proposal.id, ana, signal())));
    expect((await h.engine.finished(deployment)).outcome).toBeNull();
    expect(h.store.locks.all()).toEqual([]);
    left = Infinity;
    expect(h.engine.recover().map(({ id }) => id)).toEqual([deployment]);
    expect(h.store.deployments.get(deployment)?.outcome).toBe('interrupted');
  });
});

describe('who decides', () => {
  test('a removal is never approved by the person who asked, even where the policy allows self-approval', async () => {
    const h = await open({ approvals: nobodyAsked });
    await run(h, await ask(h));
    await h.services.commit({ [app.file]: null }, 'chore: gone');
    const both: Actor = { ...ana, roles: ['deployers', 'approvers'] };
    const proposal = await ask(h, {}, both);
    expect(proposal.rule).toMatchObject({ required: 1, selfApproval: false });
    value(await h.engine.requestApproval(proposal.id, both, signal()));
    expect(
      codes(await h.engine.vote(proposal.id, both, { verdict: 'approve', reason: null }, signal())),
    ).toEqual(['own-request']);
    const deployment = deploymentOf(
      value(await h.engine.vote(proposal.id, ben, { verdict: 'approve', reason: null }, signal())),
    );
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
  });

  test('nobody starts a plan in somebody else’s name', async () => {
    const h = await open();
    const proposal = await ask(h);
    const other: Actor = { ...ana, id: 'discord:9', name: 'zoe' };
    expect(codes(await h.engine.start(proposal.id, other, signal()))).toEqual(['not-allowed']);
    expect(h.store.proposals.get(proposal.id)?.state).toBe('open');
  });

  test('who asked may take the request back, without being an approver', async () => {
    const h = await open({ approvals: oneApproval });
    const proposal = await ask(h);
    value(await h.engine.requestApproval(proposal.id, ana, signal()));
    const decision = value(
      await h.engine.vote(proposal.id, ana, { verdict: 'reject', reason: 'changed my mind' }, signal()),
    );
    expect(decision.kind).toBe('rejected');
    expect(
      codes(await h.engine.vote(proposal.id, ben, { verdict: 'approve', reason: null }, signal())),
    ).toEqual(['already-decided']);
  });

  test('of two approvals at the same moment one starts it and the other is told so', async () => {
    const h = await open({ approvals: oneApproval });
    const proposal = await ask(h);
    value(await h.engine.requestApproval(proposal.id, ana, signal()));
    const both = await Promise.all(
      [ben, cleo].map((who) =>
        h.engine.vote(proposal.id, who, { verdict: 'approve', reason: null }, signal()),
      ),
    );
    const started = both.filter((result) => result.ok && result.value.kind === 'started');
    expect(started).toHaveLength(1);
    expect(both.flatMap(codes)).toEqual(['already-decided']);
    await h.engine.finished(deploymentOf(value(started[0]!)));
    expect(h.store.deployments.ofService(app.name, 5)).toHaveLength(1);
  });

  test('a request nobody decided in time expires, on record, and cannot be approved any more', async () => {
    const h = await open({
      approvals: { rules: [], fallback: { ...oneApproval.fallback, expiresSeconds: 0 } },
    });
    const proposal = await ask(h);
    h.store.proposals.move(proposal.id, ['open'], 'pending');
    expect(h.engine.expire().map(({ id, state }) => ({ id, state }))).toEqual([
      { id: proposal.id, state: 'expired' },
    ]);
    expect(
      codes(await h.engine.vote(proposal.id, ben, { verdict: 'approve', reason: null }, signal())),
    ).toEqual(['proposal-expired']);
  });
});

describe('commits nobody merged', () => {
  test('another sentinel.yml on a side branch is not acted on for somebody who does not administer', async () => {
    const h = await open();
    await run(h, await ask(h));
    const text = (await h.services.read('sentinel.yml')) ?? '';
    await h.services.branch('side', {
      'sentinel.yml': text.replace('install_root:', 'docker: { command: /sbin/poweroff }\n    install_root:'),
    });
    expect(
      codes(await h.engine.propose({ kind: 'deploy', service: app.name, revision: 'side' }, ana, signal())),
    ).toEqual(['not-allowed']);
  });

  test('a side branch with the same sentinel.yml can be planned, and always needs somebody’s agreement', async () => {
    const h = await open();
    const definition = (await h.services.read(app.file)) ?? '';
    await h.services.branch('side', { [app.file]: definition.replace('web:1', 'web:2') });
    const proposal = await ask(h, { revision: 'side' });
    expect(proposal.plan.risks.map(({ code }) => code)).toContain('off-branch');
    expect(proposal.rule.required).toBe(1);
  });
});

describe('a service that moves', () => {
  test('is taken away where it was once it is up where it shall be', async () => {
    const h = await open({ hosts: 2 });
    await run(h, await ask(h));
    const text = (await h.services.read(app.file)) ?? '';
    await h.services.commit(
      { [app.file]: text.replace('target_host: h1', 'target_host: h2') },
      'chore: move',
    );
    const proposal = await ask(h);
    expect(proposal.plan.risks.map(({ code }) => code)).toContain('moves');
    value(await h.engine.requestApproval(proposal.id, ana, signal()));
    const deployment = deploymentOf(
      value(await h.engine.vote(proposal.id, ben, { verdict: 'approve', reason: null }, signal())),
    );
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
    const where = await Promise.all(h.world.hosts.map(async (host) => (await host.containers()).length));
    expect(where).toEqual([0, 1]);
  });
});

test('who asked and may not approve is sent to somebody who may', async () => {
  const h = await open({ approvals: oneApproval });
  const proposal = await ask(h);
  value(await h.engine.requestApproval(proposal.id, ana, signal()));
  const voted = await h.engine.vote(proposal.id, ana, { verdict: 'approve', reason: null }, signal());
  expect(voted).toMatchObject({
    problems: [
      {
        code: 'not-allowed',
        hint: 'Ask an approver; they can use the button on the request or /approve.',
      },
    ],
  });
});

describe('undoing what was cut off', () => {
  test('is refused once a newer deployment changed the same service', async () => {
    const h = await open();
    const first = await ask(h);
    const cut = 'd-222222';
    h.store.journal.append({
      deployment: cut,
      seq: 1,
      at: '2020-01-01T00:00:00.000Z',
      type: 'started',
      plan: first.plan,
      proposal: null,
      request: first.request,
      actor: ana,
      approvedBy: [],
    });
    h.engine.recover();
    await run(h, first);
    expect(codes(await h.engine.propose({ kind: 'unwind', deployment: cut }, ana, signal()))).toEqual([
      'already-decided',
    ]);
  });
});
