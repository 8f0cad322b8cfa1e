import { fieldsOf, isRecord, parseJson } from '../../engine/index.ts';

/** What GitLab tells, as far as it is worth looking. No status in it is believed: what it names is read again. */
export type GitlabNews =
  | { readonly kind: 'pipeline'; readonly project: string; readonly pipeline: number }
  | { readonly kind: 'push' }
  | { readonly kind: 'other' };

/** The body of a webhook. Null where it is not what GitLab sends at all. */
export function parseGitlabNews(body: string): GitlabNews | null {
  const top = parseJson(body);
  if (!isRecord(top)) return null;
  switch (top['object_kind']) {
    case 'pipeline':
      return pipelineNews(fieldsOf(top['project'])['id'], fieldsOf(top['object_attributes'])['id']);
    case 'build':
      return pipelineNews(top['project_id'], top['pipeline_id']);
    case 'push':
      return { kind: 'push' };
    default:
      return { kind: 'other' };
  }
}

function pipelineNews(project: unknown, pipeline: unknown): GitlabNews {
  return isId(project) && isId(pipeline)
    ? { kind: 'pipeline', project: String(project), pipeline }
    : { kind: 'other' };
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
