import { restarting } from '../../../bot/decline.ts';
import { renderProblems } from '../../../bot/render/problem.ts';
import { renderStatus } from '../../../bot/render/status.ts';
import { renderWatchtower } from '../../../bot/render/watchtower.ts';
import type { FleetStatus, ServiceStatus } from '../../../engine/index.ts';
import { statisticsOf } from '../../../engine/statistics.ts';
import { driftedService, wellAround } from './fixtures/around.ts';
import { ada, planOf, proposalOf } from './fixtures/plans.ts';
import { at, type Kind } from './kind.ts';

/** A month of a calm homelab, with one bad evening. */
const lately = statisticsOf(
  {
    outcomes: [
      ...[27, 24, 20, 19, 13, 12, 8, 6, 5, 1, 0].map(
        (ago) => ({ ago, outcome: 'succeeded', count: (ago % 3) + 1 }) as const,
      ),
      { ago: 12, outcome: 'rolled-back', count: 2 },
      { ago: 12, outcome: 'failed', count: 1 },
      { ago: 5, outcome: 'degraded', count: 1 },
    ],
    recoveries: [240_000, 360_000, 1_500_000],
  },
  30,
);
const status = (change: Partial<FleetStatus>): FleetStatus => ({
  ...{ environment: 'production', revision: planOf().revision, services: [] },
  ...{ problems: [], pending: [], running: [], attention: [], history: [], statistics: lately, ...change },
});
const service = (name: string, displayName: string, change: Partial<ServiceStatus> = {}): ServiceStatus => ({
  ...driftedService,
  ...{ service: name, displayName, systems: wellAround, ...change },
});
const fleet = [
  service('grafana', 'Grafana'),
  service('jellyfin', 'Jellyfin'),
  service('paperless', 'Paperless', { host: 'attic' }),
];
const record: FleetStatus['history'][number] = {
  ...{ id: 'd-2345gh', proposal: null, plan: planOf(), request: { kind: 'deploy', service: 'grafana' } },
  ...{ actor: ada, approvedBy: [], startedAt: at(-600), finishedAt: at(-588), outcome: 'succeeded' },
};
const troubled = [
  service('grafana', 'Grafana', { systems: driftedService.systems }),
  service('jellyfin', 'Jellyfin', {
    running: { state: 'bad', text: '0 of 1 running' },
    health: { state: 'bad', text: 'restarted 7 times' },
  }),
  service('paperless', 'Paperless', { host: 'attic' }),
];

/** What `/status` answers. */
export const statuses: readonly Kind[] = [
  {
    ...{ name: 'status', title: 'All is well', seen: 'privately', command: 'status' },
    when: 'Nobody has to look.',
    message: renderStatus(status({ services: fleet }), null),
  },
  {
    ...{ name: 'status-trouble', title: 'Something is not well', seen: 'privately', command: 'status' },
    when: 'What needs a person comes first.',
    message: renderStatus(
      status({
        services: troubled,
        pending: [proposalOf({ state: 'pending' })],
        attention: [{ ...record, id: 'd-9kq3vx', outcome: 'needs-attention' }],
      }),
      null,
    ),
  },
  {
    ...{ name: 'status-service', title: 'One service that differs from Git', command: 'status' },
    ...{ seen: 'privately', when: 'With what *Put back* would change.' },
    message: renderStatus(status({ services: [driftedService], history: [record] }), 'grafana'),
  },
];

/** Refusals, errors and news from elsewhere. */
export const others: readonly Kind[] = [
  {
    ...{ name: 'refused', title: 'A refusal', seen: 'privately', when: 'The one who asks may not do that.' },
    message: renderProblems([
      {
        ...{ code: 'not-allowed', message: 'To deploy to production needs the role deployers.' },
        hint: 'Ask somebody who has it.',
      },
    ]),
  },
  {
    ...{ name: 'error', title: 'An error', seen: 'privately' },
    when: 'What is wrong, where, and what to do next.',
    message: renderProblems([
      {
        ...{ code: 'definition-invalid', message: 'port must be a number from 1 to 65535, but is “http”.' },
        ...{ where: 'services/monitoring/grafana.yml:12:9', hint: 'Write for example `port: 3000`.' },
      },
    ]),
  },
  {
    ...{ name: 'error-gitlab', title: 'GitLab is away', seen: 'privately' },
    when: 'Somebody asks for something that needs GitLab.',
    message: renderProblems([
      {
        ...{ code: 'forge-unreachable', message: 'GitLab at gitlab.home.lan did not answer within 10 s.' },
        hint: 'Try again when it is back; with `route: engine` Sentinel deploys without its pipelines.',
      },
    ]),
  },
  {
    ...{ name: 'error-unexpected', title: 'Sentinel’s own mistake', seen: 'privately' },
    when: 'Something nobody foresaw; the reference is in Sentinel’s log.',
    message: renderProblems(
      [
        {
          ...{ code: 'unexpected', message: 'Something went wrong inside Sentinel.' },
          hint: 'Look at `/status` before you try again. Whoever runs Sentinel finds this under 5f0c2b19.',
        },
      ],
      '5f0c2b19',
    ),
  },
  {
    ...{ name: 'restarting', title: 'Sentinel restarts', seen: 'privately' },
    when: 'It lets what runs come to its end and begins nothing.',
    message: restarting,
  },
  {
    ...{ name: 'watchtower', title: 'News from Watchtower', seen: 'channel' },
    when: 'It updated a container by itself.',
    message: renderWatchtower(
      {
        ...{ title: 'Watchtower updates on media', updated: ['grafana'] },
        message: '- grafana (grafana/grafana:latest): 1a2b3c4d5e6f updated to 6f5e4d3c2b1a',
      },
      [{ name: 'grafana' }],
    ),
  },
];
