import { projectRoute, type ProjectCall, type Route } from '../lab.ts';
import { merge, type MergeWishes } from '../merge.ts';
import { mergeability, pipelineState } from '../mergeability.ts';
import { page } from '../paging.ts';
import { flag, required, text } from '../params.ts';
import { created, ok, refuse, type Reply, unauthorized } from '../reply.ts';
import { showUser } from '../show/people.ts';
import { atLeast, may, type MergeRequest, type MergeRequestNote, roleIn } from '../state.ts';
import { requestFor, shown } from './merge-requests.ts';

/** Approving, talking about and merging a merge request. */
export const mergingRoutes: readonly Route[] = [
  projectRoute('PUT /merge_requests/:request/merge', 'reporter', (call) =>
    call.project.alone(() => accept(call)),
  ),
  projectRoute(
    'POST /merge_requests/:request/cancel_merge_when_pipeline_succeeds',
    'developer',
    async (call) => {
      const request = requestFor(call);
      request.autoMerge = null;
      return created(await shown(call, request));
    },
  ),
  projectRoute('POST /merge_requests/:request/approve', 'reporter', approve),
  projectRoute('POST /merge_requests/:request/unapprove', 'reporter', (call) => {
    const request = requestFor(call);
    request.approvals = request.approvals.filter(({ id }) => id !== call.user.id);
    call.lab.announce(call.project, { request, action: 'unapproved', by: call.user });
    return created(approvals(call, request));
  }),
  projectRoute('GET /merge_requests/:request/approvals', 'reporter', (call) =>
    ok(approvals(call, requestFor(call))),
  ),
  projectRoute('GET /merge_requests/:request/notes', 'reporter', (call) =>
    page(
      call,
      requestFor(call)
        .notes.toReversed()
        .map((note) => showNote(call, note)),
    ),
  ),
  projectRoute('POST /merge_requests/:request/notes', 'reporter', (call) => {
    const body = required(call.params, 'body');
    const note = { id: call.lab.nextId(), author: call.user, body, createdAt: new Date().toISOString() };
    requestFor(call).notes.push(note);
    return created(showNote(call, note));
  }),
];

const showNote = ({ lab }: ProjectCall, { id, author, body, createdAt }: MergeRequestNote): object => ({
  ...{ id, body, author: showUser(lab, author), created_at: createdAt, updated_at: createdAt },
  ...{ system: false, noteable_type: 'MergeRequest', resolvable: false },
});

/** The order of the checks is GitLab's: who, whether it can be merged at all, whether the branch moved. */
async function accept(call: ProjectCall): Promise<Reply> {
  const { lab, project, user, params } = call;
  const request = requestFor(call);
  if (!may('merge', { user, project, branch: request.target })) throw unauthorized();
  const later = await mergesLater(call, request);
  mustBeHead(params, request);
  if (later) request.autoMerge = user;
  else if (!(await merge(lab, { project, request }, wishesOf(call, request))))
    throw refuse(422, 'Branch cannot be merged');
  return ok(await shown(call, request));
}

/** True when it is only armed, as its pipeline still runs. */
async function mergesLater({ project, params }: ProjectCall, request: MergeRequest): Promise<boolean> {
  const wished = flag(params, 'auto_merge') ?? flag(params, 'merge_when_pipeline_succeeds') ?? false;
  const pipeline = pipelineState(project, request);
  const status = await mergeability(project, request);
  if (status === 'conflict' || status === 'need_rebase') throw refuse(422, 'Branch cannot be merged');
  const later = wished && pipeline === 'running' && ['mergeable', 'ci_still_running'].includes(status);
  const atOnce = status === 'mergeable' && !(wished && pipeline === 'none');
  if (!later && !atOnce) throw refuse(405, '405 Method Not Allowed');
  return later;
}

function mustBeHead(params: ProjectCall['params'], request: MergeRequest): void {
  const sha = text(params, 'sha');
  if (sha !== undefined && sha !== request.sha)
    throw refuse(409, `SHA does not match HEAD of source branch: ${request.sha}`);
}

function wishesOf({ params, user }: ProjectCall, request: MergeRequest): MergeWishes {
  return {
    by: user,
    squash: flag(params, 'squash') ?? request.squash,
    removeSource: flag(params, 'should_remove_source_branch') ?? request.removeSourceBranch,
    message: text(params, 'merge_commit_message') ?? null,
    squashMessage: text(params, 'squash_commit_message') ?? null,
  };
}

function approve(call: ProjectCall): Reply {
  const { lab, project, user, params } = call;
  const request = requestFor(call);
  const again = request.approvals.some(({ id }) => id === user.id);
  if (again || request.state === 'merged' || !atLeast(roleIn(user, project), 'developer'))
    throw unauthorized();
  mustBeHead(params, request);
  request.approvals = [...request.approvals, user];
  lab.announce(project, { request, action: 'approved', by: user });
  return created(approvals(call, request));
}

function approvals({ lab, project, user }: ProjectCall, request: MergeRequest): object {
  const left = Math.max(0, project.approvalsRequired - request.approvals.length);
  return {
    ...{
      id: request.id,
      iid: request.iid,
      project_id: project.id,
      title: request.title,
      state: request.state,
    },
    ...{ approved: left === 0, approvals_required: project.approvalsRequired, approvals_left: left },
    user_has_approved: request.approvals.some(({ id }) => id === user.id),
    approved_by: request.approvals.map((each) => ({ user: showUser(lab, each) })),
  };
}
