import {
  problems,
  type Actor,
  type Checks,
  type DeployState,
  type Evidence,
  type ImageState,
  type Outcome,
  type Plan,
  type PlannedService,
  type Problem,
  type Request,
  type Risk,
  type RiskCode,
  type ShownChange,
  type Step,
  type StepOf,
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
} from './shape.ts';

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

const verifyState = object<VerifyState>({ host: text, checks, containers: list(text) });

const stepFields = {
  id: text,
  service: text,
  system: text,
  target: text,
  cause: text,
  changes: list(object<ShownChange>({ what: text, before: nullable(text), after: nullable(text) })),
  irreversible: optional(text),
};

export const step = tagged<Step, 'stage'>('stage', {
  deploy: object<StepOf<'deploy'>>({
    ...stepFields,
    stage: literal('deploy'),
    before: nullable(deployState),
    after: nullable(deployState),
    fallback: optional(deployState),
  }),
  verify: object<StepOf<'verify'>>({
    ...stepFields,
    stage: literal('verify'),
    before: nullable(verifyState),
    after: nullable(verifyState),
    fallback: optional(verifyState),
  }),
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

const asked = { environment: optional(text), reason: optional(text) };

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
});
