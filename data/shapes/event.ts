import type { DeploymentEvent, Phase } from '../../engine/index.ts';
import { job, namedJob, pipeline } from './pipeline.ts';
import { actor, outcome, plan, problem, request, step } from './plan.ts';
import {
  flag,
  integer,
  keyOf,
  list,
  literal,
  nullable,
  object,
  optional,
  record,
  tagged,
  text,
} from './shape.ts';

type EventOf<T extends DeploymentEvent['type']> = Extract<DeploymentEvent, { readonly type: T }>;

export type Started = EventOf<'started'>;

const told = { deployment: text, seq: integer, at: text };
const phase = keyOf<Phase>({ forward: true, unwind: true });

export const started = object<EventOf<'started'>>({
  ...told,
  type: literal('started'),
  plan,
  proposal: nullable(text),
  request,
  actor,
  approvedBy: list(text),
});

export const event = tagged<DeploymentEvent, 'type'>('type', {
  started,
  'step-started': object<EventOf<'step-started'>>({
    ...told,
    type: literal('step-started'),
    step: text,
    phase,
  }),
  'step-done': object<EventOf<'step-done'>>({
    ...told,
    type: literal('step-done'),
    step: text,
    phase,
    did: list(text),
  }),
  'step-failed': object<EventOf<'step-failed'>>({
    ...told,
    type: literal('step-failed'),
    step: text,
    phase,
    problem,
    touched: optional(flag),
  }),
  'step-skipped': object<EventOf<'step-skipped'>>({
    ...told,
    type: literal('step-skipped'),
    step: text,
    phase,
    because: text,
  }),
  unwinding: object<EventOf<'unwinding'>>({
    ...told,
    type: literal('unwinding'),
    service: text,
    steps: list(step),
    because: problem,
  }),
  'abort-requested': object<EventOf<'abort-requested'>>({ ...told, type: literal('abort-requested'), actor }),
  git: object<EventOf<'git'>>({
    ...told,
    type: literal('git'),
    action: keyOf<EventOf<'git'>['action']>({ pushing: true, pushed: true, reverted: true }),
    commit: nullable(text),
    branch: text,
    problem: nullable(problem),
    url: optional(nullable(text)),
  }),
  pipeline: object<EventOf<'pipeline'>>({ ...told, type: literal('pipeline'), pipeline }),
  job: object<EventOf<'job'>>({ ...told, type: literal('job'), job, log: nullable(text) }),
  gate: object<EventOf<'gate'>>({ ...told, type: literal('gate'), job: namedJob, proposal: nullable(text) }),
  'job-played': object<EventOf<'job-played'>>({
    ...told,
    type: literal('job-played'),
    job: namedJob,
    approvedBy: list(text),
    problem: nullable(problem),
  }),
  interrupted: object<EventOf<'interrupted'>>({ ...told, type: literal('interrupted') }),
  finished: object<EventOf<'finished'>>({
    ...told,
    type: literal('finished'),
    outcome,
    services: record(outcome),
    problem: nullable(problem),
  }),
});
