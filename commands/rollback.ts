import type { Request } from '../engine/index.ts';
import { environmentChoices, releaseChoices, serviceChoices } from './choices.ts';
import { command, given, routeOf } from './command.ts';
import { routeOption, slash, text } from './definition.ts';

/** Plans the way back to an earlier release; the plan is always shown before anything happens. */
export const rollback = command({
  definition: slash('rollback', 'Put an earlier release of a service back; shows the plan first', [
    text('service', 'The service to put back', { required: true, suggested: true }),
    text('release', 'Which release (default: the last one that was verified)', { suggested: true }),
    text('reason', 'Why; shown to approvers and kept in the record'),
    text('environment', 'Where (default: the first environment)', { suggested: true }),
    routeOption,
  ]),
  needs: 'rollback',
  read: (options): Request => ({
    kind: 'rollback',
    service: options.text('service') ?? '',
    ...given({
      release: options.text('release'),
      reason: options.text('reason'),
      environment: options.text('environment'),
      route: routeOf(options),
    }),
  }),
  async run(request, { engine, actor, signal }) {
    const proposed = await engine.propose(request, actor, signal);
    return proposed.ok
      ? { kind: 'proposal', proposal: proposed.value }
      : { kind: 'problems', problems: proposed.problems };
  },
  async suggest(option, typed, options, memory) {
    if (option === 'release') return releaseChoices(memory, options, typed);
    return option === 'environment' ? environmentChoices(memory, typed) : serviceChoices(memory, typed);
  },
});
