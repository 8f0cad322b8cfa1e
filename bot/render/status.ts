import type {
  ContainerStatus,
  DeploymentRecord,
  FleetStatus,
  Proposal,
  ServiceStatus,
} from '../../engine/index.ts';
import { customId } from '../buttons.ts';
import { colour, type Embed, type Field, type Message } from './message.ts';
import { problemText } from './problem.ts';
import {
  allWell,
  hostFields,
  isFolded,
  isNotYet,
  lights,
  lightText,
  needsLook,
  serviceLook,
  statusFile,
} from './status-hosts.ts';
import { titleOf } from './title.ts';
import { driftButtons, driftFields, hasSystems, inGit, systemLines, unaskedLines } from './status-systems.ts';
import { statisticsPicture } from '../pictures/strip-chart.ts';
import { statisticsField } from './statistics.ts';
import { looks } from './story.ts';
import { between, code, count, inline, person, plain, relative, short, words } from './text.ts';

/** The fleet by host, or one service in detail, with a button that looks again. */
export function renderStatus(status: FleetStatus, service: string | null): Message {
  const one = service === null ? undefined : status.services.find(({ service: name }) => name === service);
  const embed = one ? serviceEmbed(one, status) : fleetEmbed(status);
  const whole = statusFile(status);
  const picture = one === undefined ? statisticsPicture(status.statistics, status.environment) : null;
  const again = customId('refresh', `${status.environment} ${service ?? ''}`.trim());
  return {
    embeds: [{ ...embed, footer: `commit ${short(status.revision)} · ${plain(status.environment)}` }],
    rows: [
      [
        // What runs now settles what differs; until then nothing else may begin.
        ...(one === undefined || status.running.length > 0 ? [] : driftButtons(one, status.environment)),
        { kind: 'button', style: 'secondary', label: 'Refresh', id: again },
      ],
    ],
    ...(one === undefined && isFolded(status.services) ? { files: [whole] } : { whole }),
    ...(picture === null ? {} : { picture }),
  };
}

/** What a button of a status was pressed on: `production` or `production grafana`. */
export function parseLookedAt(id: string): { readonly environment?: string; readonly service?: string } {
  const [environment, service] = id.split(' ');
  return {
    ...(environment === undefined || environment === '' ? {} : { environment }),
    ...(service === undefined || service === '' ? {} : { service }),
  };
}

const legend = 'files · running · health\n✅ good ❌ bad ❔ unknown ➖ no check';
const longLegend = 'files · running · health · systems\n✅ good ❌ bad ❔ unknown ➖ none';

function fleetEmbed(status: FleetStatus): Embed {
  const { services, problems, attention } = status;
  const look = services.filter(needsLook).length;
  const unasked = unaskedLines(services);
  const well = look === 0 && unasked.length === 0 && problems.length === 0 && attention.length === 0;
  const all = count(services.length, 'service');
  const notYet = services.filter(isNotYet).length;
  const wrong = [
    look > 0 ? `${look} of ${all} ${look === 1 ? 'needs' : 'need'} a look` : all,
    notYet > 0 ? `${notYet} not deployed yet` : '',
    attention.length > 0 ? 'a person is needed' : '',
    look === 0 && unasked.length > 0 ? 'not everything could be asked' : '',
    look === 0 && unasked.length === 0 && problems.length > 0 ? count(problems.length, 'problem') : '',
  ].filter((part) => part !== '');
  return {
    title: well ? `✅ ${allWell(services.length - notYet, notYet)}` : `⚠️ ${wrong.join(', ')}`,
    colour: well ? colour.good : colour.warning,
    description: [...unasked, hasSystems(services) ? longLegend : legend].join('\n'),
    fields: [
      ...attentionField(attention),
      ...runningField(status.running),
      ...pendingField(status.pending),
      ...hostFields(services),
      ...problemsField(status),
      ...statisticsField(status.statistics),
    ],
  };
}

function serviceEmbed(one: ServiceStatus, status: FleetStatus): Embed {
  const { desired, running, health, release } = one;
  const look = serviceLook(one, status);
  return {
    title: `${look.symbol} ${words(one.displayName || one.service)} · ${words(one.host)}`,
    colour: look.colour,
    description: [
      ...(status.running.length > 0 ? ['**Being deployed now.**'] : []),
      `${lights[desired.state]} **files** ${words(inGit(lightText(desired)))}`,
      `${lights[running.state]} **running** ${words(lightText(running))}`,
      `${lights[health.state]} **health** ${words(lightText(health))}`,
      ...systemLines(one, lights),
      ...(one.url === null ? [] : [words(one.url)]),
    ].join('\n'),
    fields: [
      ...(status.running.length > 0 ? [] : driftFields(one)),
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
      ...statisticsField(status.statistics),
      ...problemsField(status),
    ],
  };
}

function containerField(one: ContainerStatus): Field {
  const parts = [
    words(one.state),
    one.health === '' || one.health === 'none' ? '' : words(one.health),
    one.restarts > 0 ? count(one.restarts, 'restart') : '',
    one.startedAt === null ? '' : `started ${relative(one.startedAt)}`,
  ].filter((part) => part !== '');
  const digest = one.digest === null ? '' : ` ${code(short(one.digest))}`;
  return {
    name: words(one.name) || words(one.container),
    value: `${code(one.image)}${digest}\n${parts.join(', ')}`,
  };
}

function historyField(history: readonly DeploymentRecord[]): readonly Field[] {
  if (history.length === 0) return [];
  return [{ name: 'Last deployments', value: history.slice(0, 5).map(recordLine).join('\n') }];
}

/** `✅ 10.2.3 (123d61c4) 3 minutes ago, 2s · @ana` */
function recordLine(record: DeploymentRecord): string {
  const look = looks[record.outcome ?? 'running'];
  const { plan, actor, startedAt, finishedAt, outcome } = record;
  const what = [
    tagOf(record),
    outcome === 'succeeded' ? '' : look.word,
    `(${short(plan.revision)})`,
    relative(startedAt),
  ].filter((part) => part !== '');
  const duration = finishedAt === null ? '' : `, ${between(startedAt, finishedAt)}`;
  return `${look.symbol} ${what.join(' ')}${duration} · ${person(actor)}`;
}

function tagOf({ plan }: DeploymentRecord): string {
  const images = plan.steps.flatMap((step) =>
    step.stage === 'deploy' ? Object.values(step.after?.images ?? {}) : [],
  );
  const [only] = images;
  if (only === undefined || images.length > 1) return '';
  return inline(/:([^/:\s]+)$/.exec(only.reference)?.[1] ?? '');
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
  return `**${words(titleOf(record))}** (${code(record.id)})`;
}

function pendingField(pending: readonly Proposal[]): readonly Field[] {
  if (pending.length === 0) return [];
  return [{ name: '🟡 Waits for approval', value: pending.map(requestLine).join('\n') }];
}

function requestLine(proposal: Proposal): string {
  return `**${words(titleOf(proposal))}** by ${person(proposal.requestedBy)}, expires ${relative(proposal.expiresAt)} (${code(proposal.id)})`;
}

function problemsField({ problems }: FleetStatus): readonly Field[] {
  if (problems.length === 0) return [];
  const lines = problems.map((problem) => `• ${problemText(problem, { evidence: false })}`);
  return [{ name: 'Problems', value: lines.join('\n') }];
}

/** As many as Discord's lists hold. */
const mostChoices = 25;

/** The requests that wait, with a list to open one of them. */
export function renderRequests(pending: readonly Proposal[]): Message {
  if (pending.length === 0)
    return { embeds: [{ title: '✅ Nothing waits for approval', colour: colour.good }] };
  return {
    embeds: [
      {
        title: `🟡 ${count(pending.length, 'request')} for approval`,
        colour: colour.waiting,
        description: [
          ...(pending.length > mostChoices
            ? [`The list has the first ${mostChoices}; \`/approve request:…\` opens any of them.`]
            : []),
          ...pending.map(requestLine),
        ].join('\n'),
      },
    ],
    whole: {
      name: 'requests.txt',
      text: pending
        .map((each) => `${each.id}  ${titleOf(each)}  ${each.requestedBy.name}  until ${each.expiresAt}`)
        .join('\n'),
    },
    rows: [
      [
        {
          kind: 'select',
          id: customId('show-request', ''),
          placeholder: 'Show a request',
          choices: pending.slice(0, mostChoices).map((proposal) => ({
            label: titleOf(proposal),
            value: proposal.id,
            hint: `${plain(proposal.requestedBy.name)} · ${proposal.id}`,
          })),
        },
      ],
    ],
  };
}
