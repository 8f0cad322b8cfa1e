import { parseImage } from '../definitions/image-reference.ts';
import type { Outcome } from '../types.ts';
import type { AnnouncedService, Announcement } from './announcement.ts';
import { oneLine } from './one-line.ts';

/** What a person reads, in plain text: outside words are on one line each, but not escaped for anything. */
export interface Wording {
  readonly symbol: string;
  /** Without the symbol: `Grafana deployed`. */
  readonly title: string;
  readonly lines: readonly string[];
  /** Where to look further. */
  readonly footer: string;
  /** Where it can be looked at, in every detail. */
  readonly link: { readonly text: string; readonly url: string } | null;
}

export const symbols = {
  succeeded: '✅',
  degraded: '🟠',
  'rolled-back': '↩️',
  failed: '❌',
  'needs-attention': '🚨',
  cancelled: '🚫',
} as const satisfies Record<Outcome, string>;

const mostServices = 10;
const longest = 600;

/** Understood in a second: what, whether it worked, why not, and what to do. */
export function wordingOf(announcement: Announcement): Wording {
  const { outcome, services, problem, environment, repository, revision, deployment } = announcement;
  return {
    symbol: symbols[outcome],
    title: titleOf(announcement),
    lines: [
      ...services.slice(0, mostServices).map((service) => lineOf(service, services.length > 1)),
      ...(services.length > mostServices ? [`…and ${services.length - mostServices} more`] : []),
      ...(problem === null ? [] : [oneLine(problem.message, longest)]),
      ...standing(announcement),
      ...(problem?.hint == null ? [] : [`→ ${oneLine(problem.hint, longest)}`]),
      whoOf(announcement),
    ],
    footer: [environment, `${repository}@${revision.slice(0, 8)}`, deployment]
      .map((part) => oneLine(part, 80))
      .join(' · '),
    link: linkOf(announcement),
  };
}

/** Only an address a browser opens, with nothing in it that could end a link early. */
function linkOf({ pipeline }: Announcement): Wording['link'] {
  if (pipeline === undefined || !URL.canParse(pipeline.url)) return null;
  const { protocol, href } = new URL(pipeline.url);
  if (!/^https?:$/.test(protocol)) return null;
  const url = href.replaceAll('(', '%28').replaceAll(')', '%29');
  return { text: `Pipeline ${oneLine(pipeline.id, 20)}`, url };
}

function titleOf({ services, outcome, request, repository }: Announcement): string {
  const [only] = services;
  const one = services.length === 1 && only !== undefined;
  if (only === undefined) return pipelineTitle(repository, outcome);
  const subject = one ? oneLine(only.displayName, 80) : `${services.length} services`;
  const verb = verbOf(services, request.kind);
  const around = aroundOnly(services, request.kind);
  const right = around.length === 0 ? null : rightOf(subject, around, one);
  switch (outcome) {
    case 'succeeded':
      return right ?? `${subject} ${verb}`;
    case 'degraded':
      return `${right ?? `${subject} ${verb}`}, but degraded`;
    case 'rolled-back':
      return `${subject} rolled back`;
    case 'failed':
      return failedTitle(services, subject, verb);
    case 'needs-attention':
      return `${subject} ${one ? 'needs' : 'need'} attention`;
    case 'cancelled':
      return `${subject} cancelled`;
  }
}

function failedTitle(services: readonly AnnouncedService[], subject: string, verb: string): string {
  if (checkedOnly(services)) return `${subject} failed`;
  return `${subject} ${services.length === 1 ? 'was' : 'were'} not ${verb}`;
}

/** Nothing is known of its services. */
function pipelineTitle(repository: string, outcome: Outcome): string {
  return `The pipeline of ${oneLine(repository, 80)} ${outcome === 'succeeded' ? 'ended well' : 'failed'}`;
}

/** The systems it was about where no container was to change; none where one was. */
function aroundOnly(
  services: readonly AnnouncedService[],
  kind: Announcement['request']['kind'],
): readonly string[] {
  const plain = services.every(({ stages, action }) => !stages.includes('deploy') && action === 'modify');
  if ((kind !== 'deploy' && kind !== 'pipeline') || !plain) return [];
  return [...new Set(services.flatMap(({ stages }) => stages.flatMap((stage) => things[stage] ?? [])))];
}

/** Nothing was to change; it was only proved, or not, that it works. */
function checkedOnly(services: readonly AnnouncedService[]): boolean {
  return services.every(({ stages }) => stages.length === 0);
}

/** `Grafana: its name was put right` */
function rightOf(subject: string, around: readonly string[], one: boolean): string {
  const named =
    around.length < 2 ? around.join('') : `${around.slice(0, -1).join(', ')} and ${around.at(-1) ?? ''}`;
  return one
    ? `${subject}: its ${named} ${around.length === 1 ? 'was' : 'were'} put right`
    : `${subject}: ${named} put right`;
}

function verbOf(services: readonly AnnouncedService[], kind: Announcement['request']['kind']): string {
  if (kind === 'unwind') return 'put back';
  if (kind === 'rollback') return 'rolled back';
  if (kind === 'keep') return 'kept as it is';
  return services.every(({ action }) => action === 'delete') ? 'removed' : 'deployed';
}

function lineOf(service: AnnouncedService, several: boolean): string {
  const { displayName, host, action, outcome } = service;
  const what = `${action === 'delete' ? 'removal' : versionsOf(service)} on ${host}${aroundOf(service)}`;
  return several ? `${symbols[outcome]} ${oneLine(displayName, 80)}: ${what}` : what;
}

const things = {
  deploy: null,
  traefik: 'route',
  dns: 'name',
  authentik: 'sign-on',
  glance: 'dashboard',
} as const satisfies Record<AnnouncedService['stages'][number], string | null>;

/** What was to change on the systems around it. */
function aroundOf({ stages }: AnnouncedService): string {
  const named = stages.flatMap((stage) => things[stage] ?? []);
  return named.length === 0 ? '' : `, with ${named.join(', ')}`;
}

/** `10.2.0 → 11.0.0`; the whole reference where the image is another one. */
function versionsOf({ images, action, stages }: AnnouncedService): string {
  const shown = images.slice(0, 3).map(({ before, after }) => {
    const [old, wanted] = [before, after].map((reference) =>
      reference === null ? null : parseImage(reference),
    );
    if (wanted == null) return `without ${oneLine(before ?? '', 120)}`;
    const named = wanted.tag ?? wanted.digest?.slice(0, 19) ?? 'latest';
    if (old == null) return oneLine(named, 120);
    if (old.name !== wanted.name) return `${oneLine(before ?? '', 120)} → ${oneLine(after ?? '', 120)}`;
    return `${oneLine(old.tag ?? old.digest?.slice(0, 19) ?? 'latest', 120)} → ${oneLine(named, 120)}`;
  });
  const more = images.length > 3 ? [`${images.length - 3} more`] : [];
  if (shown.length > 0) return [...shown, ...more].join(', ');
  if (!stages.includes('deploy') && stages.length > 0) return 'containers unchanged';
  return action === 'add' ? 'new' : 'same version';
}

function standing({ outcome, services }: Announcement): readonly string[] {
  if (services.length === 0) return [];
  const one = services.length === 1;
  const fresh = services.every(({ action }) => action === 'add');
  switch (outcome) {
    case 'rolled-back':
      if (fresh) return ['What was started was removed again.'];
      return [one ? 'What ran before runs again.' : 'What ran before runs again where it failed.'];
    case 'needs-attention':
      return ['It could not be put back by itself. Somebody has to look.'];
    case 'cancelled':
      return ['It was stopped; what it had begun was undone.'];
    case 'degraded':
      return [
        one ? 'It runs; something around it is not as it should be.' : 'Not everything is as it should be.',
      ];
    case 'failed':
      if (checkedOnly(services)) return [];
      if (fresh) return ['Nothing of it runs.'];
      return [one ? 'What ran before still runs.' : 'What ran before still runs where it failed.'];
    case 'succeeded':
      return [];
  }
}

function whoOf({ actor, approvedBy, request }: Announcement): string {
  const approved =
    approvedBy.length === 0 ? '' : `, approved by ${approvedBy.map((name) => oneLine(name, 80)).join(', ')}`;
  const reason = request.reason === null ? '' : ` (“${oneLine(request.reason, 200)}”)`;
  return `Asked by ${oneLine(actor.name, 80)}${approved}${reason}`;
}
