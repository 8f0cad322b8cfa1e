import type {
  Checks,
  DeployState,
  ImageState,
  NameCheck,
  RecordState,
  RouteCheck,
  RouteState,
  ServiceCheck,
  ShownChange,
  Step,
  StepOf,
  TileState,
  VerifyState,
} from '../types.ts';
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

/** One step of a plan, as it is stored. */
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
