import type {
  ContainerStatus,
  DeploymentRecord,
  FleetStatus,
  Light,
  Proposal,
  ServiceStatus,
} from '../../engine/index.ts';
import { customId } from '../buttons.ts';
import { colour, type Embed, type Field, type Message } from './message.ts';
import { problemText } from './problem.ts';
import { titleOf } from './proposal.ts';
import { looks } from './story.ts';
import { between, code, count, person, plain, relative, short, words } from './text.ts';

/** The fleet by host, or one service in detail, with a button that looks again. */
export function renderStatus(status: FleetStatus, service: string | null): Message {
  const one = service === null ? undefined : status.services.find(({ service: name }) => name === service);
  const embed = one ? serviceEmbed(one, status) : fleetEmbed(status);
  const again = customId('refresh', `${status.environment} ${service ?? ''}`.trim());
  return {
    embeds: [{ ...embed, footer: `commit ${short(status.revision)} · ${plain(status.environment)}` }],
    rows: [[{ kind: 'button', style: 'secondary', label: 'Refresh', id: again }]],
  };
}

/** What `refresh` was pressed on: `production` or `production grafana`. */
export function parseRefresh(id: string): { readonly environment?: string; readonly service?: string } {
  const [environment, service] = id.split(' ');
  return {
    ...(environment === undefined || environment === '' ? {} : { environment }),
    ...(service === undefined || service === '' ? {} : { service }),
  };
}

/** Different shapes, since not everybody can tell colours apart. */
const lights: Readonly<Record<Light['state'], string>> = { good: '✅', bad: '❌', unknown: '❔', none: '➖' };

function fleetEmbed(status: FleetStatus): Embed {
  const { services, problems, attention } = status;
  const hosts = [...new Set(services.map(({ host }) => host))].toSorted();
  const bad = services.filter((each) => lightsOf(each).some(({ state }) => state === 'bad')).length;
  const well = bad === 0 && problems.length === 0 && attention.length === 0;
  const wrong = [
    bad > 0 ? `${bad} not as it should be` : '',
    attention.length > 0 ? 'a person is needed' : '',
    problems.length > 0 ? count(problems.length, 'problem') : '',
  ].filter((part) => part !== '');
  return {
    title: `${well ? '✅' : '⚠️'} ${count(services.length, 'service')}, ${well ? 'all as they should be' : wrong.join(', ')}`,
    colour: well ? colour.good : colour.warning,
    description: 'Each: as in Git · running · healthy',
    fields: [
      ...attentionField(attention),
      ...runningField(status.running),
      ...pendingField(status.pending),
      ...hosts.map((host) => hostField(host, services)),
      ...problemsField(status),
    ],
  };
}

function hostField(host: string, services: readonly ServiceStatus[]): Field {
  const lines = services
    .filter((each) => each.host === host)
    .map((each) => {
      const wrong = lightsOf(each).filter(({ state }) => state === 'bad' || state === 'unknown');
      const why = wrong.length === 0 ? '' : ` — ${wrong.map(({ text }) => words(text)).join(', ')}`;
      return `${lightsOf(each)
        .map(({ state }) => lights[state])
        .join('')} ${words(each.displayName || each.service)}${why}`;
    });
  return { name: plain(host), value: lines.join('\n') };
}

function lightsOf({ desired, running, health }: ServiceStatus): readonly Light[] {
  return [desired, running, health];
}

function serviceEmbed(one: ServiceStatus, status: FleetStatus): Embed {
  const { desired, running, health, release } = one;
  const well = lightsOf(one).every(({ state }) => state === 'good' || state === 'none');
  return {
    title: `${well ? '✅' : '⚠️'} ${plain(one.displayName || one.service)} · ${plain(one.host)}`,
    colour: well ? colour.good : colour.warning,
    description: [
      `${lights[desired.state]} **Git** ${words(desired.text)}`,
      `${lights[running.state]} **running** ${words(running.text)}`,
      `${lights[health.state]} **health** ${words(health.text)}`,
      ...(one.url === null ? [] : [words(one.url)]),
    ].join('\n'),
    fields: [
      ...attentionField(status.attention),
      ...runningField(status.running),
      ...pendingField(status.pending),
      ...one.containers.map(containerField),
      ...(release === null
        ? []
        : [
            {
              name: 'Release',
              value: `${code(release.id)} ${relative(release.createdAt)}${release.revision === null ? '' : `, commit ${code(short(release.revision))}`}, ${release.verifiedAt === null ? 'not verified' : `verified ${relative(release.verifiedAt)}`}`,
            },
          ]),
      ...historyField(status.history),
      ...problemsField(status),
    ],
  };
}

function containerField(one: ContainerStatus): Field {
  const parts = [
    words(one.state),
    one.health === '' || one.health === 'none' ? '' : words(one.health),
    one.restarts > 0 ? count(one.restarts, 'restart') : '',
    one.startedAt === null ? '' : `up since ${relative(one.startedAt)}`,
  ].filter((part) => part !== '');
  const digest = one.digest === null ? '' : ` ${code(short(one.digest))}`;
  return {
    name: plain(one.name) || plain(one.container),
    value: `${code(one.image)}${digest}\n${parts.join(', ')}`,
  };
}

function historyField(history: readonly DeploymentRecord[]): readonly Field[] {
  if (history.length === 0) return [];
  return [{ name: 'Last deployments', value: history.slice(0, 5).map(recordLine).join('\n') }];
}

function recordLine(record: DeploymentRecord): string {
  const look = looks[record.outcome ?? 'running'];
  const duration = record.finishedAt === null ? '' : `, ${between(record.startedAt, record.finishedAt)}`;
  return `${look.symbol} ${look.word} ${relative(record.startedAt)}${duration} · ${person(record.actor)}`;
}

function attentionField(records: readonly DeploymentRecord[]): readonly Field[] {
  if (records.length === 0) return [];
  const lines = records.map(
    (record) => `${recordTitle(record)} — ${looks[record.outcome ?? 'interrupted'].word}`,
  );
  return [{ name: '🚨 Needs a person', value: lines.join('\n') }];
}

function runningField(records: readonly DeploymentRecord[]): readonly Field[] {
  if (records.length === 0) return [];
  const lines = records.map((record) => `${recordTitle(record)}, began ${relative(record.startedAt)}`);
  return [{ name: '⏳ Deploying now', value: lines.join('\n') }];
}

function recordTitle(record: DeploymentRecord): string {
  return `${words(titleOf(record))} (${code(record.id)})`;
}

function pendingField(pending: readonly Proposal[]): readonly Field[] {
  if (pending.length === 0) return [];
  return [{ name: '🟡 Waits for approval', value: pending.map(requestLine).join('\n') }];
}

function requestLine(proposal: Proposal): string {
  return `${words(titleOf(proposal))} by ${person(proposal.requestedBy)}, expires ${relative(proposal.expiresAt)} (${code(proposal.id)})`;
}

function problemsField({ problems }: FleetStatus): readonly Field[] {
  if (problems.length === 0) return [];
  const lines = problems.map((problem) => `• ${problemText(problem, { evidence: false })}`);
  return [{ name: 'Problems', value: lines.join('\n') }];
}

/** The requests that wait, with a list to open one of them. */
export function renderRequests(pending: readonly Proposal[]): Message {
  if (pending.length === 0)
    return { embeds: [{ title: '✅ Nothing waits for approval', colour: colour.good }] };
  return {
    embeds: [
      {
        title: `🟡 ${count(pending.length, 'request')} for approval`,
        colour: colour.waiting,
        description: pending.map(requestLine).join('\n'),
      },
    ],
    rows: [
      [
        {
          kind: 'select',
          id: customId('show-request', ''),
          placeholder: 'Show a request',
          choices: pending.map((proposal) => ({
            label: titleOf(proposal),
            value: proposal.id,
            hint: `${plain(proposal.requestedBy.name)} · ${proposal.id}`,
          })),
        },
      ],
    ],
  };
}
