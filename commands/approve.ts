import type { Problem } from '../engine/index.ts';
import { requestChoices } from './choices.ts';
import { command } from './command.ts';
import { slash, text } from './definition.ts';

/** Votes on a request; without a decision it shows the request, without a request it lists those that wait. */
export const approve = command({
  definition: slash('approve', 'See requests that wait for approval, and decide', [
    text('request', 'The request (default: list those that wait)', { suggested: true }),
    text('decision', 'Your vote (default: show the request)', { choices: ['approve', 'reject'] }),
    text('reason', 'Why; shown on the request and kept in the record'),
  ]),
  needs: 'approve',
  read: (options) => ({
    request: options.text('request'),
    verdict: verdictOf(options.text('decision')),
    reason: options.text('reason'),
  }),
  async run({ request, verdict, reason }, { engine, actor, signal, maySee }) {
    if (request === null)
      return {
        kind: 'requests',
        proposals: engine.pending().filter(({ plan }) => maySee(plan.environment)),
      };
    if (verdict === null) {
      const proposal = engine.proposal(request);
      if (!proposal) return { kind: 'problems', problems: [unknown(request)] };
      const { environment } = proposal.plan;
      const refused = maySee(environment)
        ? null
        : engine.authorise(actor, 'view', environment, `/approve ${request}`);
      return refused ? { kind: 'problems', problems: [refused] } : { kind: 'request', proposal };
    }
    const voted = await engine.vote(request, actor, { verdict, reason }, signal);
    return voted.ok
      ? { kind: 'decision', decision: voted.value }
      : { kind: 'problems', problems: voted.problems };
  },
  async suggest(option, typed, _options, memory) {
    return Promise.resolve(option === 'request' ? requestChoices(memory, typed) : []);
  },
});

const unknown = (request: string): Problem => ({
  code: 'proposal-unknown',
  message: `There is no request ${request}.`,
  hint: 'Choose one of the suggestions, or leave it empty to see all that wait.',
});

function verdictOf(decision: string | null): 'approve' | 'reject' | null {
  return decision === 'approve' || decision === 'reject' ? decision : null;
}
