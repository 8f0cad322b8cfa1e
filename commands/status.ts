import { environmentChoices, serviceChoices } from './choices.ts';
import { command, given, type Caller, type Reply } from './command.ts';
import { slash, text } from './definition.ts';

/** The fleet by host, or one service in detail. */
export const status = command({
  definition: slash('status', 'How the services are, what runs and what needs a person', [
    text('service', 'One service in detail (default: all of them)', { suggested: true }),
    text('environment', 'Where (default: the first environment)', { suggested: true }),
  ]),
  needs: 'view',
  read: (options) => given({ service: options.text('service'), environment: options.text('environment') }),
  run: showStatus,
  async suggest(option, typed, _options, memory) {
    return Promise.resolve(
      option === 'environment' ? environmentChoices(memory, typed) : serviceChoices(memory, typed),
    );
  },
});

/** Also what the Refresh button calls. */
export async function showStatus(
  query: { readonly service?: string; readonly environment?: string },
  { engine, actor, signal }: Caller,
): Promise<Reply> {
  const found = await engine.status(query, actor, signal);
  return found.ok
    ? { kind: 'status', status: found.value, service: query.service ?? null }
    : { kind: 'problems', problems: found.problems };
}
