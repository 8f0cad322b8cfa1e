import { randomUUID } from 'node:crypto';
import type {
  EnsureContext,
  Owned,
  Ports,
  Scope,
  ScopedService,
  StepResult,
  Survey,
} from '../../../../engine/ports.ts';
import { createClock } from '../../../../engine/providers/clock.ts';
import { createProbe } from '../../../../engine/providers/probe.ts';
import { createSecrets } from '../../../../engine/providers/secrets.ts';
import { type Authentik, createAuthentik } from '../../../../engine/providers/authentik/authentik.ts';
import { authentik } from '../../../../engine/stages/authentik/index.ts';
import { reverse } from '../../../../engine/swap.ts';
import type { AuthentikSystem, Route, Service, SignOn, Step, StepOf } from '../../../../engine/types.ts';
import { type AuthentikLab, type AuthentikOptions, startAuthentik } from '../../../../lab/authentik/index.ts';
import { quietLog } from '../../../../lab/quiet-log.ts';
import { inventory, noClients, noSystems, service } from '../../fixtures.ts';

export const clientSecret = 'c4n4ry-client-secret';

/** Authentik on loopback, and the stage with everything it needs to work on it. */
export interface Rig {
  readonly lab: AuthentikLab;
  readonly ports: Ports;
  readonly system: AuthentikSystem;
  readonly provider: Authentik;
  readonly survey: (services: readonly ScopedService[]) => Promise<Survey<'authentik'>>;
  /** Runs steps of this stage in one go. */
  readonly ensure: (
    steps: readonly StepOf<'authentik'>[],
    services: readonly ScopedService[],
  ) => Promise<Results>;
  /** Plans and runs: first what arrives, then what leaves. */
  readonly deploy: (...services: readonly ScopedService[]) => Promise<Deployed>;
  readonly undo: (deployed: Deployed) => Promise<Results>;
  readonly close: () => Promise<void>;
}
export type Results = Readonly<Record<string, StepResult>>;
export interface Deployed {
  readonly survey: Survey<'authentik'>;
  readonly services: readonly ScopedService[];
  readonly results: Results;
}
export interface RigOptions extends AuthentikOptions {
  readonly system?: Partial<AuthentikSystem>;
  readonly token?: string;
}

export async function createRig({ system: more = {}, token, ...options }: RigOptions = {}): Promise<Rig> {
  const lab = await startAuthentik(options);
  const system: AuthentikSystem = { ...systemOf(lab.url), ...more };
  const env = {
    AUTHENTIK_TOKEN: token ?? lab.token,
    OIDC_SECRET: clientSecret,
    OTHER_SECRET: 'another-secret',
  };
  const secrets = createSecrets({ env, directory: null });
  const clock = createClock();
  const provider = createAuthentik(system, { secrets, clock, log: quietLog, settleMs: 20 });
  const none = (): never => {
    throw new Error('this stage uses no host');
  };
  const ports: Ports = {
    host: none,
    secrets,
    probe: createProbe(),
    clock,
    log: quietLog,
    systems: { ...noClients, signOn: () => provider },
  };
  const signal = new AbortController().signal;
  const ensure: Rig['ensure'] = async (steps, services) => {
    const results: Record<string, StepResult> = {};
    const context: EnsureContext = {
      ports,
      scope: scopeOf(services, system),
      deployment: 'd-1',
      revision: 'a'.repeat(40),
      phase: steps.some(({ id }) => id.startsWith('undo')) ? 'unwind' : 'forward',
      report: (step, result) => void (results[step] = result),
    };
    await authentik.ensure(steps, context, signal);
    return results;
  };
  const survey: Rig['survey'] = (services) => authentik.survey(scopeOf(services, system), ports, signal);
  return {
    ...{ lab, ports, system, provider, survey, ensure },
    async deploy(...services) {
      const found = await survey(services);
      if (found.problems.length > 0) throw new Error(found.problems.map(({ message }) => message).join('\n'));
      const leaves = found.steps.filter(({ after }) => after === null);
      const arrives = found.steps.filter(({ after }) => after !== null);
      const results = { ...(await ensure(arrives, services)), ...(await ensure(leaves, services)) };
      return { survey: found, services, results };
    },
    async undo({ survey: done, services }) {
      const back = reverse(done.steps).filter(isOurs);
      const results: Record<string, StepResult> = {};
      for (const step of back) Object.assign(results, await ensure([step], services));
      return results;
    },
    async close() {
      await provider.close();
      await lab.close();
    },
  };
}

export function systemOf(url: string): AuthentikSystem {
  return {
    url,
    token: 'AUTHENTIK_TOKEN',
    outpost: null,
    outpostUrl: url,
    authorizationFlow: 'default-provider-authorization-implicit-consent',
    invalidationFlow: 'default-provider-invalidation-flow',
    ca: null,
  };
}

export function scopeOf(services: readonly ScopedService[], system: AuthentikSystem | null): Scope {
  return { services, inventory: { ...inventory, systems: { ...noSystems, authentik: system } } };
}

const isOurs = (step: Step): step is StepOf<'authentik'> => step.stage === 'authentik';

export function signOn(name: string, more: Partial<SignOn> = {}): SignOn {
  return {
    method: 'forward_auth',
    name: name.toUpperCase(),
    slug: name,
    group: 'Media',
    icon: '',
    launchUrl: `https://${name}.home.lan`,
    backend: null,
    skipPaths: ['^/api/health$'],
    oidc: null,
    ...more,
  };
}

export const oidc = {
  method: 'oidc',
  skipPaths: [],
  oidc: {
    clientId: 'grafana-login',
    clientSecret: 'OIDC_SECRET',
    redirectUris: ['https://grafana.home.lan/login/generic_oauth'],
  },
} as const satisfies Partial<SignOn>;

export const route: Route = {
  hostname: 'grafana.home.lan',
  entryPoints: ['websecure'],
  tls: { certResolver: null },
  middlewares: [],
  headers: { frameDeny: null, stsSeconds: null, contentTypeNosniff: null, custom: {} },
  backend: 'http://192.168.40.13:3030',
  healthCheck: null,
  signOnMiddleware: null,
};

export function wants(name: string, wish: Partial<SignOn> | null = {}, owned: Owned = []): ScopedService {
  return { want: 'present', name, service: guarded(name, wish), owned };
}
export function goes(name: string, wish: Partial<SignOn> | null = {}, owned: Owned = []): ScopedService {
  return { want: 'absent', name, service: guarded(name, wish), deleteVolumes: false, owned };
}
function guarded(name: string, wish: Partial<SignOn> | null): Service {
  return service(name, { signOn: wish === null ? null : signOn(name, wish), route });
}

/** Everything the server has, by name instead of by id; without what it makes up itself. */
export function snapshot({ state }: AuthentikLab) {
  const nameOf = (pk: unknown) => state.providers.find((each) => each.pk === pk)?.fields['name'] ?? null;
  const madeUp = ['client_id', 'client_secret'];
  return {
    providers: state.providers
      .map(({ kind, fields }) => ({
        kind,
        ...Object.fromEntries(
          Object.entries(fields)
            .filter(([key]) => kind !== 'proxy' || !madeUp.includes(key))
            .map(([key, value]) => [key, key === 'property_mappings' ? asSet(value) : value]),
        ),
      }))
      .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    applications: state.applications
      .map(({ pk, fields }) => ({
        ...filled(fields),
        provider: nameOf(fields['provider']),
        bindings: bindingsOf(state, pk),
      }))
      .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    outposts: state.outposts.map(({ name, config, providers }) => ({
      name,
      config,
      providers: providers.map(nameOf).toSorted(),
    })),
  };
}

/** The server promises no order. */
function asSet(value: unknown): unknown {
  return Array.isArray(value) ? value.map(String).toSorted() : value;
}

/** Who may use an application. */
function bindingsOf({ bindings }: AuthentikLab['state'], application: string) {
  return bindings
    .filter(({ fields }) => fields['target'] === application)
    .map(({ fields }) => JSON.stringify(Object.entries({ ...fields, target: null }).toSorted()))
    .toSorted();
}

/** A default and nothing are the same to the server. */
function filled(fields: Readonly<Record<string, unknown>>) {
  const defaults = ['', false, 'any', '[]'];
  const entries = Object.entries(fields).filter(
    ([, value]) => !defaults.some((each) => each === (Array.isArray(value) ? JSON.stringify(value) : value)),
  );
  return Object.fromEntries(entries.toSorted(([a], [b]) => a.localeCompare(b)));
}

/** Puts something on the server as a person would. */
export function seed(lab: AuthentikLab) {
  const { state } = lab;
  const [, flow] = state.flows;
  const invalidation = state.flows.find(({ slug }) => slug === 'default-provider-invalidation-flow');
  return {
    provider(name: string, more: Record<string, unknown> = {}, kind: 'proxy' | 'ldap' = 'proxy'): number {
      const pk = 1 + Math.max(100, ...state.providers.map((each) => each.pk));
      const fields = {
        name,
        mode: 'forward_single',
        external_host: `https://${name.replace(/[^a-z]/gi, '')}.elsewhere.lan`,
        internal_host: '',
        skip_path_regex: '',
        authorization_flow: flow?.pk,
        invalidation_flow: invalidation?.pk,
        client_id: `client-of-${name}`,
        ...more,
      };
      state.providers.push({ pk, kind, fields });
      return pk;
    },
    application(slug: string, more: Record<string, unknown> = {}): void {
      const pk = `00000000-0000-4000-8000-${String(state.applications.length).padStart(12, '0')}`;
      state.applications.push({ pk, fields: { slug, name: slug, ...more } });
    },
    /** Says who may use an application, with every field a rule has. */
    binding(slug: string, more: Record<string, unknown>): void {
      const target = state.applications.find(({ fields }) => fields['slug'] === slug)?.pk;
      const usual = { policy: null, group: null, user: null, order: 0, enabled: true, negate: false };
      const fields = { ...usual, timeout: 30, failure_result: false, target, ...more };
      state.bindings.push({ pk: randomUUID(), fields });
    },
    serve(...pks: readonly number[]): void {
      state.outposts[0]?.providers.push(...pks);
    },
  };
}
