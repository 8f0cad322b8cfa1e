import type { Scope, Stage, Survey } from './ports.ts';
import type { StageName } from './types.ts';

/**
 * Going back must not depend on everything being up: where only releases are wanted, a system around the services that
 * cannot be asked is left as it is, and the plan says so.
 */
export function leftAlone<S extends StageName>(stage: Stage<S>, scope: Scope, survey: Survey<S>): Survey<S> {
  const goingBack = scope.services.length > 0 && scope.services.every(({ want }) => want === 'release');
  const optional = stage.name !== 'deploy' && stage.name !== 'verify';
  if (!goingBack || !optional || survey.problems.length === 0) return survey;
  return {
    ...survey,
    problems: [],
    risks: [
      ...survey.risks,
      ...survey.problems.map(({ message }) => ({
        code: 'system-left' as const,
        service: '',
        message: `${stage.name} is left as it is: ${message}`,
        alwaysApprove: false,
      })),
    ],
  };
}
