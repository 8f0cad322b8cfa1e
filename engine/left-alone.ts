import type { Scope, Stage, Survey } from './ports.ts';
import type { ProblemCode } from './problems.ts';
import type { StageName } from './types.ts';

/** What says that a system could not be asked, rather than that something is wrong with what is wanted of it. */
const unasked: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  ...(['system-unreachable', 'system-refused', 'timed-out', 'host-unreachable'] as const),
  ...(['authentication-failed', 'host-key-changed', 'host-key-unknown', 'sudo-refused'] as const),
]);

/**
 * Going back must not depend on everything being up: a system around the services that cannot be asked is left as it
 * is then. The plan says so, and the deployment ends degraded.
 */
export function leftAlone<S extends StageName>(
  { name }: Stage<S>,
  { goingBack = false, services }: Scope,
  survey: Survey<S>,
): Survey<S> {
  const { problems } = survey;
  const isSide = name !== 'deploy' && name !== 'verify';
  if (!goingBack || !isSide || problems.length === 0) return survey;
  if (!problems.every(({ code }) => unasked.has(code))) return survey;
  const left = services.flatMap(({ name: service }) =>
    problems.map(({ message }) => ({
      code: 'system-unasked' as const,
      service,
      message: `${name} is left as it is: ${message}`,
      alwaysApprove: false,
    })),
  );
  return { ...survey, problems: [], risks: [...survey.risks, ...left] };
}
