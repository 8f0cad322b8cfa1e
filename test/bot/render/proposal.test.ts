import { describe, expect, test } from 'vitest';
import type { Step } from '../../../engine/index.ts';
import { renderProposal } from '../../../bot/render/proposal.ts';
import { deployState, planOf, proposalOf, stepsOf } from '../support/plans.ts';
import { shown } from '../support/shown.ts';

describe('a proposal', () => {
  test('shows the verdict first, then each step, the proof, and what happens if it fails', () => {
    expect(shown(renderProposal(proposalOf()))).toMatchInlineSnapshot(`
      "Deploy grafana · production
      **1 container changes, about 5 s of downtime, nothing else.**
      <@100000000000000001> asks · commit \`3f2a1c9d\`
      Expires <t:1772362800:R>.
      grafana on media
        **grafana:10.0 → grafana:10.1**
      Then it is proved that
        1 container runs, port 3000 answers, \`/api/health\` is healthy
      If it fails
        What runs now is put back and checked again.
      (plan ab12cd34 · request p-7k3m2q)
      [Deploy] [Full diff]"
    `);
  });

  test('that needs approval says why and offers to ask, not to deploy', () => {
    const rule = { ...proposalOf().rule, required: 1, reasons: ['production needs one approval'] };
    expect(shown(renderProposal(proposalOf({ rule })))).toContain(
      '1 approval needed from somebody else, by <t:1772362800:t>.\n• production needs one approval',
    );
    expect(shown(renderProposal(proposalOf({ rule })))).toContain('[Request approval] [Full diff]');
  });

  test('lists risks with a sign, and those that always need somebody else with a lock', () => {
    const risks = [
      { code: 'latest-tag', service: 'grafana', message: 'grafana uses latest', alwaysApprove: false },
      { code: 'docker-socket', service: 'grafana', message: 'mounts the Docker socket', alwaysApprove: true },
    ] as const;
    const text = shown(renderProposal(proposalOf({ plan: planOf({ risks }) })));
    expect(text).toContain('⚠ grafana uses latest\n');
    expect(text).toContain('⚠ mounts the Docker socket 🔒\n');
  });

  test('with nothing to do is an answer with its proofs, and has no buttons', () => {
    const [service] = planOf().services;
    const plan = planOf({
      steps: [],
      services: [
        { ...service!, action: 'none', proof: ['2 files are the same', 'grafana/grafana:10.1 runs'] },
      ],
    });
    expect(shown(renderProposal(proposalOf({ plan })))).toMatchInlineSnapshot(`
      "✅ Nothing to do · production
      Everything is as commit \`3f2a1c9d\` says. Compared and found equal:
      Grafana · media
        ✅ 2 files are the same
        ✅ grafana/grafana:10.1 runs
      (plan ab12cd34 · request p-7k3m2q)"
    `);
  });

  test('of a first deployment says that what was started is removed again when it fails', () => {
    const steps = stepsOf().map((step) => ({ ...step, before: null }));
    const text = shown(renderProposal(proposalOf({ plan: planOf({ steps, downtime: 0 }) })));
    expect(text).toContain('1 container is added, no downtime, nothing else.');
    expect(text).toContain('What was started is removed again.');
  });

  test('that deletes volumes asks to confirm by typing, and never calls it harmless', () => {
    const step = stepsOf()[0]!;
    const steps: readonly Step[] = [
      {
        ...{ id: step.id, service: step.service, system: step.system, target: step.target, changes: [] },
        stage: 'deploy',
        ...{ cause: 'the definition is gone', irreversible: 'the volume data is deleted' },
        before: deployState('grafana/grafana:10.0'),
        after: deployState('', { images: {}, containers: {}, deleteVolumes: true }),
      },
    ];
    const text = shown(
      renderProposal(
        proposalOf({
          request: { kind: 'deploy', service: 'grafana', deleteVolumes: true },
          plan: planOf({ steps }),
        }),
      ),
    );
    expect(text).toContain('1 container is removed, its volumes are deleted for good');
    expect(text).not.toContain('nothing else');
    expect(text).toContain('It cannot be undone.');
    expect(text).toContain('[Delete volumes…] [Full diff]');
  });

  test('with many steps shows the first ones and says how many more there are', () => {
    const steps = Array.from({ length: 30 }, (_, i) => stepsOf(`service-${i}`)).flat();
    expect(shown(renderProposal(proposalOf({ plan: planOf({ steps }) })))).toContain('and 22 more steps');
  });

  test('that no longer is open keeps only the diff', () => {
    const text = shown(renderProposal(proposalOf({ state: 'expired' })));
    expect(text).toContain('[Full diff]');
    expect(text).not.toContain('[Deploy]');
  });
});
