import { command, given, routeOf } from './command.ts';
import { environmentChoices, serviceChoices } from './choices.ts';
import { routeOption, slash, text } from './definition.ts';

/** Shows what a deployment would change, and changes nothing. */
export const plan = command({
  definition: slash('plan', 'Show what deploying a service would change', [
    text('service', 'The service to look at', { required: true, suggested: true }),
    text('revision', 'Branch, tag or commit (default: the branch of the environment)'),
    text('environment', 'Where (default: the first environment)', { suggested: true }),
    routeOption,
  ]),
  needs: 'view',
  read: (options) => ({
    service: options.text('service') ?? '',
    ...given({
      revision: options.text('revision'),
      environment: options.text('environment'),
      route: routeOf(options),
    }),
  }),
  async run(input, { engine, actor, signal }) {
    const proposed = await engine.propose({ kind: 'deploy', ...input }, actor, signal);
    return proposed.ok
      ? { kind: 'proposal', proposal: proposed.value }
      : { kind: 'problems', problems: proposed.problems };
  },
  async suggest(option, typed, _options, memory) {
    return Promise.resolve(
      option === 'environment' ? environmentChoices(memory, typed) : serviceChoices(memory, typed),
    );
  },
});
