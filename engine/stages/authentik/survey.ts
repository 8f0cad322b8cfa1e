import type { Ports, Scope, ScopedService, Survey } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { AskedApplication } from '../../system-ports/index.ts';
import type { AuthentikSystem, Risk, SignOn } from '../../types.ts';
import { decide } from './decide.ts';
import { wishOf } from './wanted.ts';

const empty: Survey<'authentik'> = { steps: [], risks: [], proofs: {}, diff: '', problems: [] };

/** Reads Authentik once for all services, where one of them wants or has something there, and decides for each. */
export async function surveyAuthentik(
  scope: Scope,
  ports: Ports,
  signal: AbortSignal,
): Promise<Survey<'authentik'>> {
  const concerned = scope.services.filter((scoped) => askedBy(scoped).length > 0);
  if (concerned.length === 0) return empty;
  const system = scope.inventory.systems.authentik;
  if (system === null) return { ...empty, risks: concerned.flatMap(withoutSystem) };
  try {
    return await look({ scope, concerned, system }, ports, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { ...empty, problems: [toProblem(error)] };
  }
}

async function look(
  {
    scope,
    concerned,
    system,
  }: {
    readonly scope: Scope;
    readonly concerned: readonly ScopedService[];
    readonly system: AuthentikSystem;
  },
  ports: Ports,
  signal: AbortSignal,
): Promise<Survey<'authentik'>> {
  const provider = ports.systems.signOn(system);
  const view = await provider.list(concerned.flatMap(askedBy), signal);
  const looked = { system, view, name: provider.name, outpost: view.outpost };
  // Also those that want nothing: an application may carry their mark though no record of ours names it.
  const decisions = scope.services.map((scoped) => ({ name: scoped.name, ...decide(scoped, looked) }));
  const problems = new Map(decisions.flatMap((each) => each.problems).map((each) => [each.message, each]));
  return {
    steps: decisions.flatMap(({ steps }) => steps),
    risks: decisions.flatMap(({ risks }) => risks),
    proofs: Object.fromEntries(
      decisions.filter(({ proof }) => proof.length > 0).map(({ name, proof }) => [name, proof]),
    ),
    diff: '',
    problems: [...problems.values()],
  };
}

function slugsLeft({ owned }: ScopedService): readonly AskedApplication[] {
  return owned.flatMap((step) =>
    step.stage !== 'authentik' || step.after === null
      ? []
      : [
          {
            slug: step.after.slug,
            clientSecret: step.after.provider?.kind === 'oidc' ? step.after.provider.clientSecret : null,
          },
        ],
  );
}

/** Also for a service that goes: its definition tells which secret the application had. */
function askedBy(scoped: ScopedService): readonly AskedApplication[] {
  const { signOn } = scoped.service;
  return [...(signOn === null ? [] : [asAsked(signOn)]), ...slugsLeft(scoped)];
}

function asAsked({ slug, oidc }: SignOn): AskedApplication {
  return { slug, clientSecret: oidc?.clientSecret ?? null };
}

function withoutSystem(scoped: ScopedService): readonly Risk[] {
  const { name: service } = scoped;
  const wants = wishOf(scoped) !== null;
  const slugs = slugsLeft(scoped).map(({ slug }) => slug);
  if (!wants && slugs.length === 0) return [];
  return [
    {
      code: wants ? 'system-missing' : 'system-left',
      service,
      message: wants
        ? `${service} asks for a sign-on, but sentinel.yml names no Authentik.`
        : `The application ${slugs.join(', ')} of ${service} is left as it is, as sentinel.yml names no Authentik any more.`,
      alwaysApprove: false,
    },
  ];
}
