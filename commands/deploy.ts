import type { Request } from '../engine/index.ts';
import { environmentChoices, serviceChoices } from './choices.ts';
import { command, given, routeOf } from './command.ts';
import { flag, routeOption, slash, text } from './definition.ts';

/** Plans a deployment, then starts it or asks the approvers, as the policy says. */
export const deploy = command({
  definition: slash('deploy', 'Deploy a service, or ask those who must agree', [
    text('service', 'The service to deploy', { required: true, suggested: true }),
    text('version', 'New image tag; becomes a commit in the services repository'),
    text('revision', 'Branch, tag or commit (default: the branch of the environment)'),
    text('environment', 'Where (default: the first environment)', { suggested: true }),
    text('reason', 'Why; shown to approvers and kept in the record'),
    routeOption,
    flag('delete_volumes', 'When the service is removed: delete its volumes too. Cannot be undone'),
  ]),
  needs: 'deploy',
  read: (options): Request => ({
    kind: 'deploy',
    service: options.text('service') ?? '',
    ...given({
      version: options.text('version'),
      revision: options.text('revision'),
      environment: options.text('environment'),
      route: routeOf(options),
      reason: options.text('reason'),
      deleteVolumes: options.flag('delete_volumes'),
    }),
  }),
  async run(request, { engine, actor, signal }) {
    const proposed = await engine.propose(request, actor, signal);
    if (!proposed.ok) return { kind: 'problems', problems: proposed.problems };
    const { id, plan, rule, draft } = proposed.value;
    const nothingToDo = plan.steps.length === 0 && draft === null;
    const confirmFirst = request.kind === 'deploy' && request.deleteVolumes === true; // the name is typed first
    if (nothingToDo || confirmFirst) return { kind: 'proposal', proposal: proposed.value };
    if (rule.required > 0) {
      const asked = await engine.requestApproval(id, actor, signal);
      return asked.ok
        ? { kind: 'asked', proposal: asked.value }
        : { kind: 'problems', problems: asked.problems };
    }
    const started = await engine.start(id, actor, signal);
    return started.ok
      ? { kind: 'decision', decision: started.value }
      : { kind: 'problems', problems: started.problems };
  },
  async suggest(option, typed, _options, memory) {
    return Promise.resolve(
      option === 'environment' ? environmentChoices(memory, typed) : serviceChoices(memory, typed),
    );
  },
});
