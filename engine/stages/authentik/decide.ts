import type { ScopedService } from '../../ports.ts';
import type { FoundApplication, SignOnView } from '../../system-ports/index.ts';
import type { Problem } from '../../problems.ts';
import type { Risk, RiskCode, SignOn, SignOnState, StepOf } from '../../types.ts';
import { differences } from './differences.ts';
import { type Leftover, leftoversOf } from './leftovers.ts';
import { openingRisks } from './opening.ts';
import { keeping, type Setting, wantedState, wishOf } from './wanted.ts';

export interface Looked extends Setting {
  /** The sign-on's name for people. */
  readonly name: string;
  readonly view: SignOnView;
}
export interface Decision {
  readonly steps: readonly StepOf<'authentik'>[];
  readonly risks: readonly Risk[];
  readonly proof: readonly string[];
  readonly problems: readonly Problem[];
}

const nothing: Decision = { steps: [], risks: [], proof: [], problems: [] };

/** What has to change at the sign-on for one service. Pure. */
export function decide(scoped: ScopedService, looked: Looked): Decision {
  const wish = wishOf(scoped);
  const parts = [
    ...(wish === null ? [] : [arrive(scoped, wish, looked)]),
    ...leavingSlugs(scoped, wish, looked).map((slug) => leave(scoped, slug, looked)),
    ...leftoversOf(scoped, looked.view).map((each) => clear(scoped, each, looked)),
  ];
  return {
    steps: parts.flatMap(({ steps }) => steps),
    risks: parts.flatMap(({ risks }) => risks),
    proof: parts.flatMap(({ proof }) => proof),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

function arrive(scoped: ScopedService, wish: SignOn, looked: Looked): Decision {
  const { view, name, system } = looked;
  const { name: service } = scoped;
  const wanted = wantedState(wish, looked);
  if (!wanted.ok)
    return risk('system-missing', service, `${service} asks for a sign-on, but has not got ${wanted.lacks}.`);
  const { slug } = wanted.state;
  const found = view.applications.find((each) => each.state.slug === slug) ?? null;
  const former = found === null ? formerState(scoped, wish, looked) : found.state;
  const state = keeping(wanted.state, former);
  const obstacle = found === null ? takenName(state, looked) : inTheWay(scoped, found);
  if (obstacle !== null)
    return risk(
      'conflict',
      service,
      `${name} has ${obstacle}. It is left alone and ${service} gets no sign-on there: rename or delete it in Authentik if nobody needs it, or give ${service} another \`authentik.slug\`.`,
    );
  const unguarded = domainRisk(scoped, wish, looked);
  const risks = [...unguarded.risks, ...openingRisks(service, former, state)];
  const before = found?.state ?? null;
  const changes = differences(before, state);
  if (changes.length === 0) return { ...unguarded, proof: [proofOf(state, name)] };
  if (state.provider !== null && !view.flows.includes(state.provider.authorizationFlow))
    return { ...nothing, problems: [noFlow(looked, system.authorizationFlow)] };
  const cause =
    before === null
      ? `Authentik has no application ${state.slug}`
      : `${changes.map(({ what }) => what).join(', ')} of ${state.slug} ${changes.length === 1 ? 'differs' : 'differ'}`;
  return { ...nothing, risks, steps: [step(scoped, looked, { cause, before, after: state })] };
}

/** The application this one comes in the place of: who may use that one may use this one. */
function formerState(scoped: ScopedService, wish: SignOn, looked: Looked): SignOnState | null {
  const slugs = leavingSlugs(scoped, wish, looked);
  const ours = looked.view.applications.filter(
    (each) => slugs.includes(each.state.slug) && isOurs(scoped, each),
  );
  return ours[0]?.state ?? null;
}

/** What stands where the application should be and is not ours, in words. */
function inTheWay(scoped: ScopedService, found: FoundApplication): string | null {
  const { slug, name } = found.state;
  const what = `an application ${slug} (“${name}”)`;
  if (found.service !== null && found.service !== scoped.name)
    return `${what} that Sentinel made for ${found.service}`;
  if (!isOurs(scoped, found)) return `${what} that Sentinel did not make`;
  return found.foreignProvider === null
    ? null
    : `${what} that somebody gave the provider “${found.foreignProvider}”`;
}

/** Names of providers are unique, and one provider has one application. */
function takenName({ slug, provider }: SignOnState, { view }: Looked): string | null {
  const same = view.providers.find((each) => each.name === provider?.name);
  return same === undefined || same.application === null || same.application === slug
    ? null
    : `a provider “${same.name}” that belongs to the application ${same.application}`;
}

/** Marked, or what our last step left without its mark: what somebody made anew under the same slug is theirs. */
function isOurs(scoped: ScopedService, { service, state }: FoundApplication): boolean {
  const was = left(scoped, state.slug);
  if (service !== null || was === null) return service === scoped.name;
  return was.provider === null
    ? state.provider === null && state.launchUrl === was.launchUrl
    : state.provider?.name === was.provider.name;
}

/** What the last deployment of this service left under a slug. */
function left({ owned }: ScopedService, slug: string): SignOnState | null {
  const states = owned.flatMap((each) => (each.stage === 'authentik' ? (each.after ?? []) : []));
  return states.find((state) => state.slug === slug && state.leftover !== true) ?? null;
}

/** A tile without a provider of its own is guarded only where one exists for its whole domain. */
function domainRisk(
  { name: service }: ScopedService,
  wish: SignOn,
  { view, name, outpost }: Looked,
): Decision {
  if (wish.method !== 'forward_domain') return nothing;
  const host = URL.canParse(wish.launchUrl) ? new URL(wish.launchUrl).hostname : '';
  const covers = view.domains.filter(({ domain }) => host === domain || host.endsWith(`.${domain}`));
  if (covers.some(({ served }) => served)) return nothing;
  const lack =
    covers.length === 0
      ? `has no provider for a whole domain that ${host} is part of`
      : `has a provider for the domain of ${host}, but the outpost ${outpost} does not serve it`;
  return risk(
    'system-missing',
    service,
    `${service} leaves its sign-on to its domain, but ${name} ${lack}. Nobody gets in until somebody sets it up there.`,
  );
}

/** Slugs this service has, or had, and no longer wants. */
function leavingSlugs(scoped: ScopedService, wish: SignOn | null, { view }: Looked): readonly string[] {
  const marked = view.applications.filter(({ service }) => service === scoped.name);
  const owned = scoped.owned.flatMap((each) => (each.stage === 'authentik' ? (each.after?.slug ?? []) : []));
  const slugs = new Set([...marked.map(({ state }) => state.slug), ...owned]);
  return [...slugs].filter((slug) => slug !== wish?.slug);
}

function leave(scoped: ScopedService, slug: string, looked: Looked): Decision {
  const { name: service, want } = scoped;
  const found = looked.view.applications.find(({ state }) => state.slug === slug);
  if (found === undefined || !isOurs(scoped, found)) return nothing;
  const was = left(scoped, slug);
  const moved = was === null ? [] : differences(was, found.state).map(({ what }) => what);
  if (moved.length > 0 || found.foreignProvider !== null)
    return risk(
      'system-left',
      service,
      `The application ${slug} on ${looked.name} is left there, as somebody changed it since Sentinel last did (${moved.join(', ') || 'provider'}). Delete it there if nobody needs it.`,
    );
  const wish = wishOf(scoped);
  const cause =
    want === 'absent'
      ? `${service} is removed`
      : wish === null
        ? `${service} no longer asks for a sign-on`
        : `${service} signs on as ${wish.slug} now`;
  const open = want !== 'absent' && wish === null && scoped.service.route === null;
  return {
    ...nothing,
    steps: [step(scoped, looked, { cause, before: found.state, after: null })],
    risks: open
      ? [
          {
            code: 'sign-on-removed',
            service,
            message: `People no longer sign on to ${service} with Authentik.`,
            alwaysApprove: true,
          },
        ]
      : [],
  };
}

/** What is no longer wanted of an interrupted change. */
function clear(scoped: ScopedService, { state, target, cause }: Leftover, looked: Looked): Decision {
  const made = step(scoped, looked, { cause, before: state, after: null });
  return { ...nothing, steps: [{ ...made, id: `${made.id} ${target}`, target }] };
}

function step(
  { name: service }: ScopedService,
  { name: system }: Looked,
  sides: {
    readonly cause: string;
    readonly before: SignOnState | null;
    readonly after: SignOnState | null;
  },
): StepOf<'authentik'> {
  const { before, after } = sides;
  const slug = (after ?? before)?.slug ?? service;
  const irreversible = losesSecret(before, after);
  return {
    id: `authentik ${service} ${slug}`,
    stage: 'authentik',
    service,
    system,
    target: `sign-on ${slug}`,
    ...sides,
    changes: differences(before, after),
    ...(irreversible ? { irreversible: 'the client secret Authentik has now is not known to Sentinel' } : {}),
  };
}

/** A client secret that is none of our secrets can be overwritten, but not be put back. */
function losesSecret(before: SignOnState | null, after: SignOnState | null): boolean {
  if (before?.provider?.kind !== 'oidc' || before.provider.clientSecret !== null) return false;
  return after?.provider?.kind !== 'oidc' || after.provider.clientSecret !== null;
}

function proofOf({ slug, provider }: SignOnState, name: string): string {
  const how =
    provider === null
      ? 'a tile; its domain is guarded as a whole'
      : provider.kind === 'oidc'
        ? 'a login of its own'
        : `guards ${provider.externalHost}`;
  return `${name} has ${slug}: ${how}`;
}

function risk(code: RiskCode, service: string, message: string): Decision {
  return { ...nothing, risks: [{ code, service, message, alwaysApprove: false }] };
}

function noFlow({ name, system }: Looked, slug: string): Problem {
  return {
    code: 'system-rejected',
    message: `${name} has no flow “${slug}”.`,
    where: new URL(system.url).origin,
    hint: 'Name one it has as `systems.authentik.authorization_flow` in sentinel.yml.',
  };
}
