import type { JobState, PipelineStatus, PipelineSummary } from '../../engine/index.ts';
import { flag, integer, keyOf, nullable, object, text } from './shape.ts';

const status = keyOf<PipelineStatus>({
  waiting: true,
  running: true,
  manual: true,
  success: true,
  failed: true,
  canceled: true,
  skipped: true,
});

export const pipeline = object<PipelineSummary>({
  id: integer,
  url: text,
  commit: text,
  branch: text,
  status,
  source: text,
  createdAt: text,
  by: nullable(object<NonNullable<PipelineSummary['by']>>({ login: text, name: text })),
});

export const job = object<JobState>({
  id: integer,
  name: text,
  stage: text,
  status,
  allowFailure: flag,
  url: text,
  startedAt: nullable(text),
  finishedAt: nullable(text),
  failure: nullable(text),
});

export const namedJob = object<Pick<JobState, 'id' | 'name'>>({ id: integer, name: text });
