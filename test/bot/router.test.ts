import { describe, expect, test, vi } from 'vitest';
import { exportAudit } from '../../data/index.ts';
import { botLab, labelsOf, titleOf } from './support/bot-lab.ts';
import { driftedService } from './support/around.ts';
import { planOf } from './support/plans.ts';

const oneApproval = {
  rule: { required: 1, selfApproval: false, expiresSeconds: 3600, roles: [], reasons: ['house rule'] },
};

describe('commands', () => {
  test('/plan shows the plan privately, with its buttons', async () => {
    const lab = await botLab();
    await lab.start();
    const asked = await lab.ada.command('plan', { service: 'grafana' });
    const reply = await asked.reply();
    expect(titleOf(reply)).toBe('📋 Plan · Deploy grafana · production');
    expect(labelsOf(reply)).toEqual(['Deploy', 'Full diff']);
    expect(reply.visibleTo).toBe(lab.ada.id);
  });

  test('/deploy starts what needs nobody, and links to its card', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    const reply = await (
      await lab.ada.command('deploy', { service: 'grafana', reason: 'new panels' })
    ).reply();
    const card = await lab.card('running');
    expect(engine.started).toHaveLength(1);
    expect(reply.embeds[0]?.description).toContain(`/${lab.channel}/${card.id}`);
    expect(engine.proposed[0]?.request).toEqual({ kind: 'deploy', service: 'grafana', reason: 'new panels' });
  });

  test('/deploy asks the approvers in the channel when the policy says so, calling their role once', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    const role = lab.discord.role('approvers').id;
    engine.nextProposal = { rule: { ...oneApproval.rule, roles: [role] } };
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    const card = await lab.card('Approval needed');
    expect(card.pinged).toEqual([role]);
    expect(labelsOf(card)).toEqual(['Approve', 'Reject…', 'Full diff']);
    expect(engine.started).toEqual([]);
  });

  test('a request calls those who may approve there when the policy names nobody', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.nextProposal = oneApproval;
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    expect((await lab.card('Approval needed')).pinged).toEqual([lab.discord.role('approvers').id]);
  });

  test('/approve without a request lists those that wait, and one can be opened', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.nextProposal = oneApproval;
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    const list = await (await lab.ben.command('approve')).reply();
    expect(titleOf(list)).toBe('🟡 1 request for approval');
    const [pending] = engine.pending();
    const one = await (await lab.ben.choose(list, 'Show a request', [pending!.id])).reply();
    expect(labelsOf(one)).toEqual(['Approve', 'Reject…', 'Full diff']);
  });

  test('a refusal says privately what is missing and is recorded', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    const reply = await (await lab.eve.command('deploy', { service: 'grafana' })).reply();
    expect(reply.visibleTo).toBe(lab.eve.id);
    expect(reply.embeds[0]?.description).toContain('You need the “deploy” capability');
    expect(engine.proposed).toEqual([]);
  });

  test('a problem is shown with its place, sentence and hint', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.proposeProblems = [
      {
        ...{ code: 'definition-invalid', message: 'deployment.port must be an integer' },
        ...{ where: 'services/media/grafana.yml:5:11', hint: 'Write 3000 instead of "3000".' },
      },
    ];
    const reply = await (await lab.ada.command('plan', { service: 'grafana' })).reply();
    expect(reply.embeds[0]?.description).toBe(
      '`services/media/grafana.yml:5:11` deployment.port must be an integer\n→ Write 3000 instead of "3000".',
    );
  });

  test('a surprise becomes a private answer with a reference that is also in the log', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.proposeFails = new Error('database password hunter2 refused');
    const reply = await (await lab.ada.command('plan', { service: 'grafana' })).reply();
    const reference = /[0-9a-f]{8}$/.exec(reply.embeds[0]?.footer?.text ?? '')?.[0];
    expect(JSON.stringify(reply.embeds)).not.toContain('hunter2');
    expect(lab.lines.some((line) => line.includes(reference ?? 'nothing'))).toBe(true);
  });

  test('an interaction that Discord delivers twice is acted on once', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    lab.discord.gateway.duplicateNext();
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    await lab.card('running');
    expect(engine.proposed).toHaveLength(1);
  });

  test('a command whose acknowledgement was lost does nothing, since the person will repeat it', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    lab.discord.faults.next({
      method: 'POST',
      path: /\/callback$/,
      status: 404,
      body: { code: 10062, message: 'x' },
    });
    await lab.ada.command('deploy', { service: 'grafana' });
    await vi.waitFor(() => expect(lab.lines.join()).toContain('could not acknowledge'));
    expect(engine.proposed).toEqual([]);
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    expect(engine.started).toHaveLength(1);
  });
});

describe('suggestions', () => {
  test('come from memory and fit what was typed', async () => {
    const lab = await botLab();
    await lab.start();
    const choices = await lab.ada.autocomplete('deploy', { service: 'jelly' });
    expect(choices).toEqual([{ name: 'jellyfin · Jellyfin · media', value: 'jellyfin' }]);
  });

  test('of releases are those kept on the host', async () => {
    const lab = await botLab();
    await lab.start();
    const choices = await lab.ada.autocomplete('rollback', { service: 'grafana', release: '' });
    expect(choices.map(({ value }) => value)).toEqual(['r-20260301-100000-3f2a1c9']);
    expect(choices[0]?.name).toMatch(/^grafana:10\.0 · .* ago · 3f2a1c9d · verified$/);
  });

  test('are empty for somebody who may see nothing', async () => {
    const lab = await botLab();
    await lab.start();
    expect(await lab.eve.autocomplete('deploy', { service: '' })).toEqual([]);
  });
});

describe('buttons', () => {
  test('Deploy starts the plan it stands under and disappears', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    const plan = await (await lab.ada.command('plan', { service: 'grafana' })).reply();
    const after = await (await lab.ada.click(plan, 'Deploy')).reply();
    expect(titleOf(after)).toBe('🚀 Started · Deploy grafana · production');
    expect(labelsOf(after)).toEqual([]);
    expect(engine.started).toHaveLength(1);
  });

  test('Approve by a second person runs it, and the card says who approved', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.nextProposal = oneApproval;
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    await (await lab.ben.click(await lab.card('Approval needed'), 'Approve')).reply();
    const card = await lab.card('Approved');
    expect(card.embeds[0]?.description).toContain(`Approved by <@${lab.ben.id}>`);
    expect(labelsOf(card)).toEqual(['Full diff']);
    expect(engine.started).toHaveLength(1);
  });

  test('two clicks at once run it once, and the loser is told', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    const cleo = lab.discord.user('Cleo', { roles: ['approvers'] });
    engine.nextProposal = oneApproval;
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    const card = await lab.card('Approval needed');
    const clicks = await Promise.all([lab.ben.click(card, 'Approve'), cleo.click(card, 'Approve')]);
    const replies = await Promise.all(clicks.map((click) => click.reply()));
    expect(engine.started).toHaveLength(1);
    expect(replies.map(titleOf).toSorted()).toEqual([
      '❌ Somebody decided this before',
      '🚀 Started · Deploy grafana · production',
    ]);
  });

  test('the person who asked cannot approve', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    const boss = lab.discord.user('Boss', { roles: ['deployers', 'approvers'] });
    engine.nextProposal = oneApproval;
    await (await boss.command('deploy', { service: 'grafana' })).reply();
    const reply = await (await boss.click(await lab.card('Approval needed'), 'Approve')).reply();
    expect(titleOf(reply)).toBe('🔒 The person who asked cannot be the one who approves');
    expect(engine.started).toEqual([]);
  });

  test('Reject asks why in a dialogue, and the card shows the answer', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.nextProposal = oneApproval;
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    const dialogue = await (await lab.ben.click(await lab.card('Approval needed'), 'Reject…')).modal();
    await (await dialogue.submit({ reason: 'not on a *Friday*' })).reply();
    const card = await lab.card('Rejected');
    expect(card.embeds[0]?.description).toContain(String.raw`“not on a \*Friday\*”`);
    expect(engine.started).toEqual([]);
  });

  test('a click by somebody without the capability is refused privately and changes nothing', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.nextProposal = oneApproval;
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    const card = await lab.card('Approval needed');
    for (const button of ['Reject…', 'Approve', 'Full diff']) {
      const reply = await (await lab.eve.click(card, button)).reply();
      expect(reply.visibleTo).toBe(lab.eve.id);
      expect(titleOf(reply)).toBe('🔒 You may not do that');
    }
    expect(engine.pending()).toHaveLength(1);
  });

  test('a refused Reject is recorded once, naming the request', async () => {
    const lab = await botLab();
    const { engine, bot } = await lab.start();
    engine.nextProposal = oneApproval;
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    await (await lab.eve.click(await lab.card('Approval needed'), 'Reject…')).reply();
    const [pending] = engine.pending();
    await bot.stop();
    const rows: string[] = [];
    exportAudit(lab.file, {}, (row) => rows.push(row));
    const denied = rows.filter((row) => row.includes('denied'));
    expect(denied).toHaveLength(1);
    expect(denied[0]).toContain(pending!.id);
  });

  test('who asked may take the request back without being an approver', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.nextProposal = oneApproval;
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    const dialogue = await (await lab.ada.click(await lab.card('Approval needed'), 'Reject…')).modal();
    await (await dialogue.submit({ reason: 'changed my mind' })).reply();
    await lab.card('Rejected');
    expect(engine.pending()).toEqual([]);
  });

  test('a stale approval shows what moved and offers the new plan', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.nextProposal = oneApproval;
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    engine.staleNext = ['the image of grafana changed by hand'];
    await (await lab.ben.click(await lab.card('Approval needed'), 'Approve')).reply();
    const card = await lab.card('Stale');
    expect(card.embeds[0]?.fields?.[0]?.value).toContain('the image of grafana changed by hand');
    const next = await (await lab.ada.click(card, 'Show the new plan')).reply();
    expect(labelsOf(next)).toEqual(['Request approval', 'Full diff']);
    await (await lab.ada.click(next, 'Request approval')).reply();
    await lab.card('Approval needed');
  });

  test('deleting volumes needs the name typed exactly', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    const plan = await (
      await lab.ada.command('deploy', { service: 'grafana', delete_volumes: true })
    ).reply();
    expect(engine.started).toEqual([]);
    const wrong = await (await lab.ada.click(plan, 'Delete volumes…')).modal();
    const told = await (await wrong.submit({ name: 'grafanna' })).followUp();
    expect(told.embeds[0]?.description).toContain('so the volumes stay');
    expect(engine.started).toEqual([]);
    const right = await (await lab.ada.click(plan, 'Delete volumes…')).modal();
    await (await right.submit({ name: 'grafana' })).reply();
    await lab.card('running');
    expect(engine.started).toHaveLength(1);
  });

  test('Full diff shows a short diff and attaches a long one', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    const short = await (await lab.ada.command('plan', { service: 'grafana' })).reply();
    const shown = await (await lab.ada.click(short, 'Full diff')).reply();
    expect(shown.embeds[0]?.description).toContain('+    image: grafana/grafana:10.1');
    engine.nextProposal = { plan: planOf({ diff: '+ line\n'.repeat(1000) }) };
    const long = await (await lab.ada.command('plan', { service: 'grafana' })).reply();
    const attached = await (await lab.ada.click(long, 'Full diff')).reply();
    expect(attached.attachments[0]?.bytes.toString()).toContain('+ line\n+ line');
  });

  test('Refresh looks again and changes the same message', async () => {
    const lab = await botLab();
    await lab.start();
    const status = await (await lab.ada.command('status')).reply();
    const again = await (await lab.ada.click(status, 'Refresh')).reply();
    expect(again.id).toBe(status.id);
  });

  test('Put back and Keep show the plan of exactly that, privately', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    engine.seen = [driftedService];
    const shown = await (await lab.ada.command('status', { service: 'grafana' })).reply();
    expect(labelsOf(shown)).toEqual(['Put back', 'Keep', 'Refresh']);
    const back = await (await lab.ada.click(shown, 'Put back')).reply();
    expect(back.visibleTo).toBe(lab.ada.id);
    await (await lab.ada.click(shown, 'Keep')).reply();
    const where = { service: 'grafana', environment: 'production' };
    expect(engine.proposed.map(({ request }) => request)).toEqual([
      { kind: 'deploy', ...where, reason: 'put back what differs from Git' },
      { kind: 'keep', ...where },
    ]);
    expect(engine.started).toEqual([]);
  });

  test('Abort reaches the engine, and a second press is harmless', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    const card = await lab.card('running');
    await (await lab.ada.click(card, 'Abort')).reply();
    await lab.card('stopping');
    engine.happen(engine.started[0]!, {
      ...{ type: 'finished', outcome: 'cancelled', services: { grafana: 'cancelled' }, problem: null },
    });
    const done = await lab.card('cancelled');
    expect(labelsOf(done)).not.toContain('Abort');
    expect(engine.aborted).toHaveLength(1);
  });
});

describe('while the bot stops', () => {
  test('Abort still reaches the engine, and everything else is told to come back', async () => {
    const lab = await botLab();
    const { engine, bot } = await lab.start();
    await (await lab.ada.command('deploy', { service: 'grafana' })).reply();
    const card = await lab.card('running');
    let end: () => void = () => undefined;
    engine.stopping = new Promise((resolve) => (end = resolve));
    const stopped = bot.stop();
    const told = await (await lab.ada.command('plan', { service: 'grafana' })).reply();
    expect(titleOf(told)).toContain('Sentinel is restarting');
    expect(await lab.ada.autocomplete('plan', { service: '' })).toEqual([]);
    await (await lab.ada.click(card, 'Abort')).reply();
    expect(engine.aborted).toHaveLength(1);
    expect(engine.proposed).toHaveLength(1);
    end();
    await stopped;
  });
});
