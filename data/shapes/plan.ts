import {
  problems,
  shapes,
  type Actor,
  type DeployRoute,
  type Evidence,
  type Outcome,
  type Plan,
  type PlannedService,
  type Problem,
  type Request,
  type Risk,
  type RiskCode,
} from '../../engine/index.ts';
import { flag, integer, keyOf, list, literal, number, object, optional, tagged, text } from './shape.ts';

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

/** As the engine also keeps them on hosts. */
export const { step } = shapes;

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
  'pipeline-changed': true,
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
