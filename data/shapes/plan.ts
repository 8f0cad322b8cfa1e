import {
  problems,
  type Actor,
  type Checks,
  type DeployRoute,
  type DeployState,
  type Evidence,
  type ImageState,
  type NameCheck,
  type Outcome,
  type Plan,
  type PlannedService,
  type Problem,
  type RecordState,
  type Request,
  type Risk,
  type RiskCode,
  type RouteCheck,
  type RouteState,
  type ServiceCheck,
  type ShownChange,
  type Step,
  type StepOf,
  type TileState,
  type VerifyState,
} from '../../engine/index.ts';
import {
  flag,
  integer,
  keyOf,
  list,
  literal,
  nullable,
  number,
  object,
  optional,
  record,
  tagged,
  text,
  type Shape,
} from './shape.ts';
import { signOnState } from './sign-on.ts';

export const actor = object<Actor>({ id: text, name: text, roles: list(text) });

export const problem = object<Problem>({
  code: keyOf(problems),
  message: text,
  where: optional(text),
  hint: optional(text),
  evidence: optional(list(object<Evidence>({ title: text, text }))),
});

export const outcome = keyOf<Outcome>({
  succeeded: true,
  degraded: true,
  'rolled-back': true,
  failed: true,
  'needs-attention': true,
  cancelled: true,
});

const checks = object<Checks>({
  port: nullable(integer),
  http: nullable(object({ port: integer, path: text, expect: list(integer) })),
  interval: number,
  timeout: number,
  retries: integer,
  settle: number,
});

const deployState = object<DeployState>({
  host: text,
  path: text,
  release: nullable(text),
  files: record(text),
  env: keyOf<DeployState['env']>({ current: true, differs: true, absent: true }),
  images: record(object<ImageState>({ reference: text, digest: nullable(text) })),
  containers: record(text),
  checks: nullable(checks),
  revision: nullable(text),
  deleteVolumes: optional(flag),
});

const routeState = object<RouteState>({
  host: text,
  path: text,
  hostnames: list(text),
  backend: nullable(text),
  signOn: flag,
  content: text,
});

const recordState = object<RecordState>({ name: text, addresses: list(text), entries: list(text) });

const tileState = object<TileState>({
  kind: keyOf<TileState['kind']>({ bookmark: true, monitor: true }),
  file: text,
  page: text,
  list: text,
  title: text,
  url: text,
  content: text,
  index: nullable(integer),
});

const taggedCheck = tagged<VerifyState, 'kind'>('kind', {
  service: object<ServiceCheck>({ kind: literal('service'), host: text, checks, containers: list(text) }),
  name: object<NameCheck>({ kind: literal('name'), name: text, addresses: list(text) }),
  route: object<RouteCheck>({
    kind: literal('route'),
    url: text,
    address: text,
    port: integer,
    signOn: nullable(text),
  }),
});
/** Records from before there were names and routes to check say no kind. */
const verifyState: Shape<VerifyState> = (value, at) =>
  taggedCheck(
    typeof value === 'object' && value !== null && !('kind' in value) ? { ...value, kind: 'service' } : value,
    at,
  );

const stepFields = {
  id: text,
  service: text,
  system: text,
  target: text,
  cause: text,
  changes: list(object<ShownChange>({ what: text, before: nullable(text), after: nullable(text) })),
  irreversible: optional(text),
};

const stated = <T>(state: Shape<T>) => ({
  before: nullable(state),
  after: nullable(state),
  fallback: optional(state),
});

export const step = tagged<Step, 'stage'>('stage', {
  deploy: object<StepOf<'deploy'>>({ ...stepFields, stage: literal('deploy'), ...stated(deployState) }),
  traefik: object<StepOf<'traefik'>>({ ...stepFields, stage: literal('traefik'), ...stated(routeState) }),
  dns: object<StepOf<'dns'>>({ ...stepFields, stage: literal('dns'), ...stated(recordState) }),
  authentik: object<StepOf<'authentik'>>({
    ...stepFields,
    stage: literal('authentik'),
    ...stated(signOnState),
  }),
  glance: object<StepOf<'glance'>>({ ...stepFields, stage: literal('glance'), ...stated(tileState) }),
  verify: object<StepOf<'verify'>>({ ...stepFields, stage: literal('verify'), ...stated(verifyState) }),
});

const riskCode = keyOf<RiskCode>({
  'latest-tag': true,
  'image-moved': true,
  'volume-lost': true,
  privileged: true,
  'docker-socket': true,
  'host-root': true,
  'host-network': true,
  'outside-install-root': true,
  moves: true,
  'port-taken': true,
  removal: true,
  irreversible: true,
  'off-branch': true,
  'inventory-changed': true,
  'registry-unreachable': true,
  conflict: true,
  'system-missing': true,
  'system-left': true,
  'system-unasked': true,
  'sign-on-removed': true,
  watchtower: true,
  'plan-unknown': true,
  'unmanaged-files': true,
});

const plannedService = object<PlannedService>({
  name: text,
  displayName: text,
  category: text,
  host: text,
  action: keyOf<PlannedService['action']>({
    add: true,
    modify: true,
    delete: true,
    none: true,
    rollback: true,
  }),
  dependsOn: list(text),
  proof: list(text),
});

export const plan = object<Plan>({
  repository: text,
  environment: text,
  revision: text,
  services: list(plannedService),
  steps: list(step),
  risks: list(object<Risk>({ code: riskCode, service: text, message: text, alwaysApprove: flag })),
  downtime: number,
  diff: text,
  digest: text,
});

const route = keyOf<DeployRoute>({ engine: true, pipeline: true });
const asked = { environment: optional(text), reason: optional(text), route: optional(route) };

export const request = tagged<Request, 'kind'>('kind', {
  deploy: object<Extract<Request, { kind: 'deploy' }>>({
    ...asked,
    kind: literal('deploy'),
    service: text,
    revision: optional(text),
    version: optional(text),
    deleteVolumes: optional(flag),
  }),
  rollback: object<Extract<Request, { kind: 'rollback' }>>({
    ...asked,
    kind: literal('rollback'),
    service: text,
    release: optional(text),
  }),
  unwind: object<Extract<Request, { kind: 'unwind' }>>({
    ...asked,
    kind: literal('unwind'),
    deployment: text,
  }),
  keep: object<Extract<Request, { kind: 'keep' }>>({ ...asked, kind: literal('keep'), service: text }),
  pipeline: object<Extract<Request, { kind: 'pipeline' }>>({
    ...asked,
    kind: literal('pipeline'),
    repository: text,
    pipeline: integer,
  }),
  gate: object<Extract<Request, { kind: 'gate' }>>({
    ...asked,
    kind: literal('gate'),
    repository: text,
    pipeline: integer,
    job: object<Extract<Request, { kind: 'gate' }>['job']>({ id: integer, name: text }),
    deployment: text,
  }),
});
