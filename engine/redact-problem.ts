import type { Secrets } from './ports.ts';
import type { Problem } from './problems.ts';

/** The same problem with every known secret value replaced; what hosts and containers print is never trusted. */
export function redactProblem(problem: Problem, secrets: Pick<Secrets, 'redact'>): Problem {
  const { message, hint, evidence } = problem;
  return {
    ...problem,
    message: secrets.redact(message),
    ...(hint === undefined ? {} : { hint: secrets.redact(hint) }),
    ...(evidence === undefined
      ? {}
      : { evidence: evidence.map(({ title, text }) => ({ title, text: secrets.redact(text) })) }),
  };
}
