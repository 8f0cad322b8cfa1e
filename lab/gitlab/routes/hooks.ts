import { randomUUID } from 'node:crypto';
import { projectRoute, type ProjectCall, type Route } from '../lab.ts';
import { page } from '../paging.ts';
import { flag, type Params, required, text } from '../params.ts';
import { created, noContent, notFound, ok } from '../reply.ts';
import type { GitlabHook } from '../state.ts';

export const hookRoutes: readonly Route[] = [
  projectRoute('GET /hooks', 'maintainer', (call) =>
    page(
      call,
      call.project.hooks.map((hook) => shown(call, hook)),
    ),
  ),
  projectRoute('GET /hooks/:hook', 'maintainer', (call) => ok(shown(call, hookFor(call)))),
  projectRoute('POST /hooks', 'maintainer', (call) => {
    const { lab, project, params } = call;
    const hook: GitlabHook = {
      ...{ id: lab.nextId(), uuid: randomUUID(), url: required(params, 'url') },
      ...{ token: text(params, 'token') ?? null, signingToken: text(params, 'signing_token') ?? null },
      events: eventsOf(params, { push: true, pipeline: false, job: false, merge_requests: false }),
    };
    project.hooks.push(hook);
    return created(shown(call, hook));
  }),
  projectRoute('PUT /hooks/:hook', 'maintainer', (call) => {
    const hook = hookFor(call);
    hook.url = text(call.params, 'url') ?? hook.url;
    hook.token = text(call.params, 'token') ?? hook.token;
    hook.signingToken = text(call.params, 'signing_token') ?? hook.signingToken;
    hook.events = eventsOf(call.params, hook.events);
    return ok(shown(call, hook));
  }),
  projectRoute('DELETE /hooks/:hook', 'maintainer', (call) => {
    call.project.hooks.splice(call.project.hooks.indexOf(hookFor(call)), 1);
    return noContent;
  }),
];

function hookFor({ project, path }: ProjectCall): GitlabHook {
  const hook = project.hooks.find(({ id }) => String(id) === path['hook']);
  if (hook === undefined) throw notFound('Not found');
  return hook;
}
const eventsOf = (params: Params, old: GitlabHook['events']): GitlabHook['events'] => ({
  push: flag(params, 'push_events') ?? old.push,
  pipeline: flag(params, 'pipeline_events') ?? old.pipeline,
  job: flag(params, 'job_events') ?? old.job,
  merge_requests: flag(params, 'merge_requests_events') ?? old.merge_requests,
});
/** The tokens are never shown again. */
const shown = ({ project }: ProjectCall, { id, url, events, signingToken, token }: GitlabHook): object => ({
  ...{ id, url, project_id: project.id, enable_ssl_verification: true, alert_status: 'executable' },
  ...Object.fromEntries(Object.entries(events).map(([name, on]) => [`${name}_events`, on])),
  ...{ token_present: token !== null, signing_token_present: signingToken !== null },
});
