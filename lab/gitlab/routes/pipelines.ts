import type { LabPipeline } from '../ci/types.ts';
import { resolve } from '../git/repository.ts';
import { fileAt } from '../git/tree.ts';
import { projectRoute, type ProjectCall, type Route } from '../lab.ts';
import { page } from '../paging.ts';
import { pairs, required, text } from '../params.ts';
import { created, notFound, ok, refuse, type Reply } from '../reply.ts';
import { showPipeline, showPipelineBasic, updatedAt } from '../show/pipeline.ts';
import { may } from '../state.ts';
import { zeros } from '../git/repository.ts';

export const pipelineRoutes: readonly Route[] = [
  projectRoute('GET /pipelines', 'reporter', (call) =>
    page(
      call,
      found(call).map((each) => showPipelineBasic(call.lab, call.project, each)),
    ),
  ),
  projectRoute('GET /pipelines/latest', 'reporter', (call) => {
    const ref = text(call.params, 'ref') ?? call.project.defaultBranch;
    const head = call.project.known.get(ref);
    const [last] = call.project.ci
      .pipelines()
      .filter(({ commit, branch }) => branch === ref && commit === head);
    if (last === undefined) throw notFound('Pipeline');
    return ok(showPipeline(call.lab, call.project, last));
  }),
  projectRoute('GET /pipelines/:pipeline', 'reporter', (call) =>
    ok(showPipeline(call.lab, call.project, pipelineFor(call))),
  ),
  projectRoute('GET /pipelines/:pipeline/variables', 'developer', (call) =>
    ok(
      Object.entries(pipelineFor(call).variables).map(([key, value]) => ({
        ...{ variable_type: 'env_var', key, value, raw: false },
      })),
    ),
  ),
  projectRoute('POST /pipeline', 'developer', start),
  projectRoute('POST /pipelines/:pipeline/retry', 'developer', (call) => {
    const pipeline = pipelineFor(call);
    for (const { id, status, retried } of pipeline.jobs)
      if (!retried && (status === 'failed' || status === 'canceled')) call.project.ci.retry(id, call.user);
    return created(showPipeline(call.lab, call.project, pipelineFor(call)));
  }),
  projectRoute('POST /pipelines/:pipeline/cancel', 'developer', (call) => {
    call.project.ci.cancel(pipelineFor(call).id);
    return ok(showPipeline(call.lab, call.project, pipelineFor(call)));
  }),
];

export function pipelineFor({ project, path }: ProjectCall): LabPipeline {
  const pipeline = project.ci.pipeline(Number(path['pipeline']));
  if (pipeline === undefined) throw notFound('Pipeline');
  return pipeline;
}

function found({ project, params }: ProjectCall): readonly LabPipeline[] {
  const equals = (key: string, value: string): boolean => (text(params, key) ?? value) === value;
  const [after, before] = [text(params, 'updated_after'), text(params, 'updated_before')];
  const list = project.ci.pipelines().filter((pipeline) => {
    const updated = Date.parse(updatedAt(project, pipeline));
    return (
      equals('sha', pipeline.commit) &&
      equals('ref', pipeline.branch) &&
      equals('status', pipeline.status) &&
      equals('source', pipeline.source) &&
      equals('username', pipeline.by.username) &&
      (after === undefined || updated >= Date.parse(after)) &&
      (before === undefined || updated <= Date.parse(before))
    );
  });
  const byUpdate = text(params, 'order_by') === 'updated_at';
  const sorted = list.toSorted((a, b) =>
    byUpdate ? Date.parse(updatedAt(project, b)) - Date.parse(updatedAt(project, a)) : b.id - a.id,
  );
  return text(params, 'sort') === 'asc' ? sorted.toReversed() : sorted;
}

async function start(call: ProjectCall): Promise<Reply> {
  const { lab, project, user, params } = call;
  const branch = required(params, 'ref');
  const variables = pairs(params, 'variables');
  const commit = await resolve(project.repository, `refs/heads/${branch}`);
  if (commit === null) throw refuse(400, { base: ['Reference not found'] });
  if (!may('push', { user, project, branch }) && !may('merge', { user, project, branch }))
    throw refuse(400, {
      base: [
        `You do not have sufficient permission to run a pipeline on '${branch}'. Please select a different branch or contact your administrator for assistance.`,
      ],
    });
  if ((await fileAt(project.repository, commit, '.gitlab-ci.yml')) === null)
    throw refuse(400, { base: ['Missing CI config file'] });
  const message = await project.repository.git(['log', '-1', '--format=%B', commit]);
  const pipeline = await project.ci.start({
    ...{ commit, before: zeros, branch, source: 'api', by: user, variables, message },
  });
  if (pipeline === null)
    throw refuse(400, {
      base: [
        'Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline.',
      ],
    });
  if (pipeline.problem !== null) throw refuse(400, { base: [pipeline.problem] });
  return created(showPipeline(lab, project, pipeline));
}
