import { planFile, renderProposal } from '../../../bot/render/proposal.ts';
import { renderDiff } from '../../../bot/render/reply.ts';
import type { Proposal, Risk, Step } from '../../../engine/index.ts';
import { everywhere, moving } from './fixtures/around.ts';
import { deployState, planOf, proposalOf, stepsOf } from './fixtures/plans.ts';
import type { Kind } from './kind.ts';

/** What production asks for, as most people set it up. */
export const oneApproval: Proposal['rule'] = {
  ...{ required: 1, selfApproval: false, expiresSeconds: 3600, roles: [] },
  reasons: ['the policy for production asks for 1 approval'],
};

const fresh: readonly Step[] = everywhere().map((step) => ({ ...step, before: null }));

const removed: readonly Step[] = stepsOf()
  .slice(0, 1)
  .map(({ id, service, system, target }) => ({
    ...{ id, service, system, target, stage: 'deploy', changes: [] },
    ...{ cause: 'Git no longer describes it', irreversible: 'the data in its volumes is deleted' },
    before: deployState('grafana/grafana:10.0'),
    after: deployState('', { images: {}, containers: {}, deleteVolumes: true }),
  }));

const risk = (code: Risk['code'], message: string, alwaysApprove = false): Risk => ({
  ...{ code, service: 'grafana', message, alwaysApprove },
});
const socket = risk('docker-socket', 'grafana mounts the Docker socket, so it could take over media.', true);
const latest = risk(
  'latest-tag',
  'grafana/grafana:latest means something else whenever its publisher says so.',
);
const foreign = risk(
  'conflict',
  'Pi-hole has “192.168.40.9 grafana.home.example.net”, which Sentinel did not make. It is left as it is; delete it there, then plan again.',
);

const equal = planOf().services.map((service) => ({
  ...service,
  ...({
    action: 'none',
    proof: ['2 files are the same', 'grafana/grafana:10.1 runs', 'it is healthy'],
  } as const),
}));

const kind = (name: string, title: string, rest: Omit<Kind, 'name' | 'title' | 'seen'>): Kind => ({
  ...{ name, title, seen: 'privately', ...rest },
});

/** What `/plan` answers. */
export const plans: readonly Kind[] = [
  kind('plan', 'A plan', {
    ...{ when: 'Somebody asks what a deployment would change.', command: 'plan' },
    message: renderProposal(proposalOf()),
  }),
  kind('plan-first', 'The plan of a first deployment', {
    ...{ when: 'Nothing of the service is there yet, on any system.', command: 'plan' },
    message: renderProposal(proposalOf({ plan: planOf({ steps: fresh, downtime: 0 }), rule: oneApproval })),
  }),
  kind('plan-moving', 'A plan that changes what is around a service', {
    ...{ when: 'A route, a name or a sign-on is to be different.', command: 'plan' },
    message: renderProposal(proposalOf({ plan: planOf({ steps: moving(), downtime: 0 }) })),
  }),
  kind('plan-risks', 'A plan with risks', {
    ...{ when: 'There is something to know before anybody says yes.', command: 'plan' },
    message: renderProposal(proposalOf({ plan: planOf({ risks: [socket, latest] }), rule: oneApproval })),
  }),
  kind('plan-conflict', 'A plan that leaves something out', {
    ...{ when: 'Something nobody told Sentinel about is in the way.', command: 'plan' },
    message: renderProposal(proposalOf({ plan: planOf({ risks: [foreign] }) })),
  }),
  kind('plan-removal', 'The plan of a removal', {
    ...{ when: 'A service and its data are to go; the name is typed first.', command: 'deploy' },
    message: renderProposal(
      proposalOf({
        request: { kind: 'deploy', service: 'grafana', deleteVolumes: true },
        plan: planOf({
          steps: removed,
          services: planOf().services.map((service) => ({ ...service, action: 'delete' })),
          risks: [risk('volume-lost', 'The volume grafana_data is deleted.', true)],
        }),
        rule: oneApproval,
      }),
    ),
  }),
  kind('plan-nothing', 'Nothing to do', {
    ...{ when: 'Everything is as Git says.', command: 'plan' },
    message: renderProposal(proposalOf({ plan: planOf({ steps: [], services: equal }) })),
  }),
  kind('plan-nothing-allowed', 'Nothing Sentinel may change', {
    ...{ when: 'Only things that are not Sentinel’s differ from Git.', command: 'plan' },
    message: renderProposal(proposalOf({ plan: planOf({ steps: [], risks: [foreign] }) })),
  }),
  kind('diff', 'The full diff', {
    when: 'Somebody pressed *Full diff*; long ones come as a file.',
    message: renderDiff(proposalOf(), planFile(proposalOf())),
  }),
];
