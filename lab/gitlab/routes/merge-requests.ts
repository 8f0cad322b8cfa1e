import { commitsOf } from '../git/commits.ts';
import { projectRoute, type ProjectCall, type Route } from '../lab.ts';
import { look, mergeability } from '../mergeability.ts';
import { page } from '../paging.ts';
import { flag, list, required, text } from '../params.ts';
import { created, notFound, ok, refuse, type Reply } from '../reply.ts';
import { showCommit } from '../show/commit.ts';
import { showMergeRequest } from '../show/merge-request.ts';
import { showPipelineBasic } from '../show/pipeline.ts';
import type { MergeRequest } from '../state.ts';
import { diffs } from './history.ts';

export const mergeRequestRoutes: readonly Route[] = [
  projectRoute('GET /merge_requests', 'reporter', async (call) => {
    const shown = found(call).map(async (request) =>
      showMergeRequest(call.lab, call.project, {
        request,
        status: await mergeability(call.project, request),
      }),
    );
    return page(call, await Promise.all(shown));
  }),
  projectRoute('POST /merge_requests', 'developer', (call) => call.project.alone(() => open(call))),
  projectRoute('GET /merge_requests/:request', 'reporter', async (call) => {
    const request = requestFor(call);
    const status = await look(call.project, request, call.lab.times.checkingMs);
    return ok(showMergeRequest(call.lab, call.project, { request, status }));
  }),
  projectRoute('PUT /merge_requests/:request', 'developer', (call) => call.project.alone(() => change(call))),
  projectRoute('GET /merge_requests/:request/pipelines', 'reporter', (call) => {
    const { source } = requestFor(call);
    const its = call.project.ci.pipelines().filter(({ branch }) => branch === source);
    return page(
      call,
      its.map((each) => showPipelineBasic(call.lab, call.project, each)),
    );
  }),
  projectRoute('GET /merge_requests/:request/commits', 'reporter', async (call) => {
    const { base, sha } = requestFor(call);
    const its = await commitsOf(call.project.repository, [`${base}..${sha}`]);
    return page(
      call,
      its.map((each) => showCommit(call.lab, call.project, each)),
    );
  }),
  projectRoute('GET /merge_requests/:request/diffs', 'reporter', async (call) => {
    const { base, sha } = requestFor(call);
    return page(call, await diffs(call.project, ['diff', `${base}...${sha}`]));
  }),
];

export function requestFor({ project, path }: ProjectCall): MergeRequest {
  const request = project.mergeRequests.find(({ iid }) => String(iid) === path['request']);
  if (request === undefined) throw notFound('Not found');
  return request;
}
export async function shown({ lab, project }: ProjectCall, request: MergeRequest): Promise<object> {
  return showMergeRequest(lab, project, { request, status: await mergeability(project, request) });
}

function found({ project, params }: ProjectCall): readonly MergeRequest[] {
  const state = text(params, 'state') ?? 'all';
  const search = text(params, 'search') ?? '';
  const iids = list(params, 'iids');
  const labels = list(params, 'labels') ?? [];
  return project.mergeRequests
    .filter(
      (each) =>
        (state === 'all' || each.state === state) &&
        (text(params, 'source_branch') ?? each.source) === each.source &&
        (text(params, 'target_branch') ?? each.target) === each.target &&
        (each.title.includes(search) || each.description.includes(search)) &&
        (iids === undefined || iids.includes(String(each.iid))) &&
        labels.every((label) => each.labels.includes(label)),
    )
    .toReversed();
}

async function open(call: ProjectCall): Promise<Reply> {
  const { lab, project, params, user } = call;
  const [source, target] = [required(params, 'source_branch'), required(params, 'target_branch')];
  const title = required(params, 'title');
  if (source === target) throw refuse(422, ["You can't use same project/branch for source and target"]);
  const [sha, goal] = [project.known.get(source), project.known.get(target)];
  if (sha === undefined) throw refuse(400, { source_branch: ['does not exist'] });
  if (goal === undefined) throw refuse(400, { target_branch: ['does not exist'] });
  const other = project.mergeRequests.find(
    (each) => each.state === 'opened' && each.source === source && each.target === target,
  );
  if (other !== undefined)
    throw refuse(409, [`Another open merge request already exists for this source branch: !${other.iid}`]);
  const base = (await project.repository.ask(['merge-base', sha, goal])) ?? goal;
  const now = new Date().toISOString();
  const request: MergeRequest = {
    ...{
      id: lab.nextId(),
      iid: project.mergeRequests.length + 1,
      author: user,
      source,
      target,
      title,
      sha,
      base,
    },
    description: text(params, 'description') ?? '',
    labels: list(params, 'labels') ?? [],
    removeSourceBranch: flag(params, 'remove_source_branch') ?? false,
    squash: flag(params, 'squash') ?? false,
    ...{ state: 'opened', check: 'unchecked', approvals: [], autoMerge: null, notes: [] },
    ...{ mergedBy: null, mergeCommit: null, squashCommit: null, createdAt: now, updatedAt: now },
  };
  project.mergeRequests.push(request);
  lab.announce(project, { request, action: 'open', by: user });
  return created(await shown(call, request));
}

async function change(call: ProjectCall): Promise<Reply> {
  const { lab, project, params, user } = call;
  const request = requestFor(call);
  request.title = text(params, 'title') ?? request.title;
  request.description = text(params, 'description') ?? request.description;
  request.target = text(params, 'target_branch') ?? request.target;
  request.removeSourceBranch = flag(params, 'remove_source_branch') ?? request.removeSourceBranch;
  request.squash = flag(params, 'squash') ?? request.squash;
  const kept = (list(params, 'labels') ?? request.labels).filter(
    (label) => list(params, 'remove_labels')?.includes(label) !== true,
  );
  request.labels = [...new Set([...kept, ...(list(params, 'add_labels') ?? [])])];
  request.updatedAt = new Date().toISOString();
  const event = text(params, 'state_event');
  if (event === 'close' && request.state === 'opened') request.state = 'closed';
  else if (event === 'reopen' && request.state === 'closed')
    Object.assign(request, { state: 'opened', check: 'unchecked' });
  const action = event === 'close' ? 'close' : event === 'reopen' ? 'reopen' : 'update';
  lab.announce(project, { request, action, by: user });
  return ok(await shown(call, request));
}
