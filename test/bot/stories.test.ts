import { describe, expect, test, vi } from 'vitest';
import type { DiscordLab, LabMessage } from '../../lab/discord/index.ts';
import { botLab, labelsOf, titleOf, type BotLab } from './support/bot-lab.ts';
import { goesWell, planOf, rolledBack } from './support/plans.ts';

const oneApproval = {
  rule: { required: 1, selfApproval: false, expiresSeconds: 3600, roles: [], reasons: [] },
};

/** Titles in the only thread there is, oldest first. */
function threadTitles({ state }: DiscordLab): readonly string[] {
  const thread = [...state.channels.values()].find(({ type }) => type === 11);
  return [...state.messages.values()].filter(({ channelId }) => channelId === thread?.id).map(titleOf);
}
function told(lab: BotLab, count: number): Promise<boolean> {
  return lab.discord.waitFor(() => threadTitles(lab.discord).length === count, {
    what: `${count} messages in the thread`,
  });
}
function cards({ discord, channel }: BotLab): readonly LabMessage[] {
  return [...discord.state.messages.values()].filter(
    ({ channelId, visibleTo }) => channelId === channel && visibleTo === null,
  );
}
const deploy = async (lab: BotLab): Promise<void> => {
  await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
};

describe('the story of a deployment', () => {
  test('is one message edited in place and a thread with one embed for each stage', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    await deploy(lab);
    const first = await lab.card('running');
    for (const happening of goesWell) engine.happen(engine.started[0]!, happening);
    const last = await lab.card('succeeded');
    await told(lab, 3);
    expect(last.id).toBe(first.id);
    expect(cards(lab)).toHaveLength(1);
    expect(threadTitles(lab.discord)).toEqual([
      '✅ deploy · grafana — done',
      '✅ verify · grafana — done',
      '✅ Succeeded',
    ]);
  });

  test('offers to roll back on the newest deployment of a service only', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    const cardOf = (deployment: string): LabMessage | undefined =>
      cards(lab).find(({ embeds }) => embeds[0]?.footer?.text.includes(deployment));
    const offers = (at: number): boolean =>
      labelsOf(cardOf(engine.started[at]!) ?? cards(lab)[0]!).includes('Roll back…');
    await deploy(lab);
    for (const happening of goesWell) engine.happen(engine.started[0]!, happening);
    await lab.discord.waitFor(() => offers(0));
    await told(lab, 3);
    await deploy(lab);
    for (const happening of goesWell) engine.happen(engine.started[1]!, happening);
    await lab.discord.waitFor(() => offers(1) && !offers(0));
  });

  test('ends on the true final state after many events at once, with few edits', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    await deploy(lab);
    await lab.card('running');
    for (const happening of rolledBack) engine.happen(engine.started[0]!, happening);
    const card = await lab.card('rolled back');
    expect(card.edits.length).toBeLessThanOrEqual(2);
    await told(lab, 6);
  });

  test('is complete after Discord was away for the whole deployment', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.nextProposal = oneApproval;
    await deploy(lab);
    await (await lab.ben.click(await lab.card('Approval needed'), 'Approve')).acknowledged();
    await vi.waitFor(() => expect(engine.started).toHaveLength(1));
    await lab.discord.goDown();
    for (const happening of rolledBack) engine.happen(engine.started[0]!, happening);
    await vi.waitFor(() => expect(lab.lines.join()).toContain('Discord did not take it yet'));
    await lab.discord.comeBack();
    await lab.card('rolled back');
    await told(lab, 6);
    await lab.card('Approved');
  });

  test('is told to its end after a restart, without a message twice', async () => {
    const lab = await botLab();
    const first = await lab.start();
    await deploy(lab);
    const deployment = first.engine.started[0]!;
    for (const happening of goesWell.slice(0, 2)) first.engine.happen(deployment, happening);
    await told(lab, 1);
    await lab.discord.goDown();
    for (const happening of goesWell.slice(2)) first.engine.happen(deployment, happening);
    await first.die();
    await lab.discord.comeBack();
    await lab.start();
    await lab.card('succeeded');
    await told(lab, 3);
    expect(new Set(threadTitles(lab.discord)).size).toBe(3);
    expect(cards(lab)).toHaveLength(1);
  });

  test('is told after a restart even when nothing could be posted before', async () => {
    const lab = await botLab();
    const first = await lab.start();
    await lab.discord.goDown();
    first.engine.happen('d-aaaaaa', {
      ...{ type: 'started', plan: planOf(), proposal: null },
      ...{ request: { kind: 'deploy', service: 'grafana' }, approvedBy: [] },
      actor: { id: 'cli:root', name: 'root', roles: [] },
    });
    for (const happening of goesWell) first.engine.happen('d-aaaaaa', happening);
    await first.die();
    await lab.discord.comeBack();
    await lab.start();
    await lab.card('succeeded');
    await told(lab, 3);
  });

  test('goes on after the token of the interaction has expired', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    await deploy(lab);
    await lab.card('running');
    lab.discord.clock.advance(20 * 60_000);
    for (const happening of goesWell) engine.happen(engine.started[0]!, happening);
    await lab.card('succeeded');
  });

  test('is posted again when somebody deleted its message', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    await deploy(lab);
    const first = await lab.card('running');
    await told(lab, 0);
    lab.discord.faults.unknownMessage(new RegExp(`/messages/${first.id}$`), 'PATCH');
    for (const happening of goesWell) engine.happen(engine.started[0]!, happening);
    const again = await lab.card('succeeded');
    expect(again.id).not.toBe(first.id);
  });

  test('survives being rate limited and answers lost after they took effect', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    lab.discord.faults.next({
      method: 'POST',
      path: '/channels/{channel_id}/messages',
      status: 429,
      retryAfter: 0.05,
    });
    lab.discord.faults.next({
      method: 'POST',
      path: '/channels/{channel_id}/messages',
      reset: true,
      afterEffect: true,
    });
    await deploy(lab);
    for (const happening of goesWell) engine.happen(engine.started[0]!, happening);
    await lab.card('succeeded');
    await told(lab, 3);
    expect(cards(lab)).toHaveLength(1);
  });

  test('waits for a permission that is missing and then goes on', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    lab.discord.denyBot('deployments', ['CreatePublicThreads']);
    await deploy(lab);
    for (const happening of goesWell) engine.happen(engine.started[0]!, happening);
    await lab.card('succeeded');
    lab.discord.denyBot('deployments', []);
    await told(lab, 3);
  });

  test('a dropped gateway loses neither the story nor later clicks', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    await deploy(lab);
    const card = await lab.card('running');
    lab.discord.gateway.drop();
    for (const happening of goesWell.slice(0, 2)) engine.happen(engine.started[0]!, happening);
    await told(lab, 1);
    await lab.discord.waitFor(() => lab.discord.botOnline());
    await (await lab.ada.click(card, 'Abort')).reply();
    expect(engine.aborted).toHaveLength(1);
  });
});

describe('a restart between question and answer', () => {
  test('loses nothing: the old button works', async () => {
    const lab = await botLab();
    const first = await lab.start();
    first.engine.nextProposal = oneApproval;
    await deploy(lab);
    const card = await lab.card('Approval needed');
    await first.die();
    const second = await lab.start();
    await (await lab.ben.click(card, 'Approve')).reply();
    expect(second.engine.started).toHaveLength(1);
    expect((await lab.card('Approved')).id).toBe(card.id);
  });

  test('a request that was decided while its card could not be edited is shown decided', async () => {
    const lab = await botLab();
    const first = await lab.start();
    first.engine.nextProposal = oneApproval;
    await deploy(lab);
    const card = await lab.card('Approval needed');
    const [pending] = first.engine.pending();
    await first.die();
    const store = lab.openStore();
    store.proposals.move(pending!.id, ['pending'], 'expired');
    store.close();
    await lab.start();
    expect((await lab.card('Expired')).id).toBe(card.id);
    expect(labelsOf(await lab.card('Expired'))).toEqual(['Full diff']);
  });

  test('a deployment that was cut off is announced once, and can be finished or undone after seeing the plan', async () => {
    const lab = await botLab();
    const first = await lab.start();
    await deploy(lab);
    const deployment = first.engine.started[0]!;
    for (const happening of goesWell.slice(0, 3)) first.engine.happen(deployment, happening);
    await lab.card('running');
    await first.die();
    const second = await lab.start();
    const question = await lab.card('⚡ Interrupted ·');
    expect(second.engine.started).toEqual([]);
    const undo = await (await lab.ada.click(question, 'Undo it')).reply();
    expect(second.engine.proposed.at(-1)?.request).toEqual({
      ...{ kind: 'unwind', deployment, environment: 'production' },
    });
    expect(labelsOf(undo)).toEqual(['Undo', 'Full diff']);
    await (await lab.ada.click(question, 'Finish it')).reply();
    expect(second.engine.proposed.at(-1)?.request).toEqual({ kind: 'deploy', service: 'grafana' });
    expect(second.engine.started).toEqual([]);
    await second.die();
    const third = await lab.start();
    expect(cards(lab).filter((card) => titleOf(card).startsWith('⚡ Interrupted ·'))).toHaveLength(1);
    await deploy(lab);
    const next = third.engine.started[0]!;
    for (const happening of goesWell) third.engine.happen(next, happening);
    const settled = await lab.discord.waitFor(() =>
      cards(lab).find(
        (card) =>
          titleOf(card).startsWith('⚡ Interrupted ·') &&
          card.embeds[0]?.description?.includes(`Finished by \`${next}\``),
      ),
    );
    expect(settled.id).toBe(question.id);
    expect(labelsOf(settled)).toEqual([]);
  });
});
