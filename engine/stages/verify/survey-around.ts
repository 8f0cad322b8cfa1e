import { sameMiddleware } from '../../middleware-names.ts';
import { opensFrontPage } from '../../open-paths.ts';
import type {
  NameCheck,
  Route,
  RouteCheck,
  Service,
  SideStage,
  StageName,
  Step,
  StepOf,
  Systems,
  TraefikSystem,
} from '../../types.ts';

export interface Surroundings {
  readonly service: Service;
  readonly systems: Systems;
  /** What is done for this service. */
  readonly steps: readonly Step[];
  /** Whether a stage has nothing to do for it because all is as it should be. */
  readonly isSettled: (stage: SideStage) => boolean;
}

/**
 * The checks of a service's name and route. There is one only where what it proves is made true by this plan or known
 * to be true: where somebody else holds the name, or a system is missing, it could only fail.
 */
export function surroundingChecks(around: Surroundings): readonly StepOf<'verify'>[] {
  return [...nameChecks(around), ...routeChecks(around)];
}

function nameChecks(around: Surroundings): readonly StepOf<'verify'>[] {
  const { service, systems } = around;
  if (systems.dns === null) return [];
  const made = arriving(around, 'dns');
  if (made.length > 0)
    return made.flatMap(({ before, after }) => {
      const wanted = nameOf(after);
      const cause = 'its record was changed';
      return wanted === null ? [] : [check(around, { what: 'name', cause }, [nameOf(before), wanted])];
    });
  const { record } = service;
  const changed = arriving(around, 'deploy').length + arriving(around, 'traefik').length > 0;
  if (record === null || !changed || !around.isSettled('dns')) return [];
  const known: NameCheck = { kind: 'name', name: record.name, addresses: [record.address] };
  return [check(around, { what: 'name', cause: 'what it leads to was changed' }, [known, known])];
}

/** The same checks for what stands, whether anything is changed or not: all of it is expected to hold. */
export function standingAround({
  service,
  systems,
}: Pick<Surroundings, 'service' | 'systems'>): readonly StepOf<'verify'>[] {
  const around: Surroundings = { service, systems, steps: [], isSettled: () => true };
  const { record, route } = service;
  const cause = 'it is deployed';
  const checks: StepOf<'verify'>[] = [];
  if (record !== null && systems.dns !== null) {
    const known: NameCheck = { kind: 'name', name: record.name, addresses: [record.address] };
    checks.push(check(around, { what: 'name', cause }, [known, known]));
  }
  const guard = guardOf(around);
  if (route !== null && systems.traefik !== null && guard !== null) {
    const known = routeOf(systems.traefik, { service, hostname: route.hostname, ...guard });
    checks.push(check(around, { what: 'route', cause }, [known, known]));
  }
  return checks;
}

function nameOf(state: StepOf<'dns'>['after']): NameCheck | null {
  return state === null || state.addresses.length === 0
    ? null
    : { kind: 'name', name: state.name, addresses: state.addresses };
}

function routeChecks(around: Surroundings): readonly StepOf<'verify'>[] {
  const { service, systems } = around;
  const { route } = service;
  if (route === null || systems.traefik === null) return [];
  const [step] = arriving(around, 'traefik');
  if (step === undefined && !around.isSettled('traefik')) return [];
  const stage = (['traefik', 'deploy', 'authentik', 'dns'] as const).find(
    (name) => arriving(around, name).length > 0,
  );
  const guard = guardOf(around);
  if (stage === undefined || guard === null) return [];
  const after = routeOf(systems.traefik, { service, hostname: route.hostname, ...guard });
  const before = formerRoute(around, step ?? null, after);
  return [check(around, { what: 'route', cause: causeOf[stage] }, [before, after])];
}

const causeOf = {
  traefik: 'its route was changed',
  deploy: 'what it leads to was changed',
  authentik: 'who may pass was changed',
  dns: 'its name was changed',
} as const;

/** What the route did before, as far as it can have worked: with containers behind it, and its login in front of it. */
function formerRoute(
  around: Surroundings,
  step: StepOf<'traefik'> | null,
  now: RouteCheck,
): RouteCheck | null {
  const isNew = (stage: StageName) => arriving(around, stage).some(({ before }) => before === null);
  const former = step === null ? now : turnedBack(around, step, now);
  if (former === null || isNew('deploy')) return null;
  return former.signOn !== null && isNew('authentik') ? null : former;
}

function turnedBack(
  { service, systems }: Surroundings,
  { before, after }: StepOf<'traefik'>,
  now: RouteCheck,
): RouteCheck | null {
  const [hostname] = before?.hostnames ?? [];
  if (before === null || hostname === undefined || systems.traefik === null) return null;
  const unlike = before.signOn ? (systems.authentik?.url ?? null) : null;
  const signOn = before.signOn === after?.signOn ? now.signOn : unlike;
  return routeOf(systems.traefik, { service, hostname, signOn });
}

function routeOf(
  { address, httpsPort, httpPort }: TraefikSystem,
  {
    service,
    hostname,
    signOn,
  }: { readonly service: Service; readonly hostname: string; readonly signOn: string | null },
): RouteCheck {
  const secure = service.route?.tls !== null;
  const url = `${secure ? 'https' : 'http'}://${hostname}/`;
  return { kind: 'route', url, address, port: secure ? httpsPort : httpPort, signOn };
}

/** Where people are sent to first, a base address or nowhere; null when they should be and the login is not there. */
function guardOf(around: Surroundings): Pick<RouteCheck, 'signOn'> | null {
  const { service, systems } = around;
  const { signOn, route } = service;
  if (signOn === null && route !== null && asksByHand(route))
    return systems.authentik === null ? null : { signOn: systems.authentik.url };
  // With OpenID Connect the service itself asks; an open front page asks nobody.
  if (signOn === null || signOn.method === 'oidc' || signOn.skipPaths.some(opensFrontPage))
    return { signOn: null };
  const there = arriving(around, 'authentik').length > 0 || around.isSettled('authentik');
  return systems.authentik !== null && there ? { signOn: systems.authentik.url } : null;
}

/** The owner put the login's middleware on the route and looks after the application in Authentik. */
function asksByHand({ middlewares, signOnMiddleware }: Route): boolean {
  return signOnMiddleware !== null && middlewares.some((name) => sameMiddleware(name, signOnMiddleware));
}

type StepIn<S extends StageName> = Extract<Step, { readonly stage: S }>;

/** Steps of one stage that make something there, or change it. */
function arriving<S extends StageName>({ steps }: Surroundings, stage: S): readonly StepIn<S>[] {
  return steps.filter((step): step is StepIn<S> => step.stage === stage && stays(step));
}

function stays(step: Step): boolean {
  return step.after !== null && !(step.stage === 'deploy' && step.after.deleteVolumes === true);
}

function check(
  { service }: Surroundings,
  { what, cause }: { readonly what: 'name' | 'route'; readonly cause: string },
  [before, after]: readonly [NameCheck | RouteCheck | null, NameCheck | RouteCheck],
): StepOf<'verify'> {
  return {
    id: `verify ${what} ${service.name}`,
    stage: 'verify',
    service: service.name,
    // With the check of its containers, which it follows, not with the system that is asked.
    system: service.host,
    target: targetOf(after),
    cause,
    changes: [],
    before,
    after,
  };
}

function targetOf(state: NameCheck | RouteCheck): string {
  if (state.kind === 'name') return `${state.name} resolves`;
  return state.signOn === null ? `${state.url} answers` : `${state.url} asks to sign on`;
}
