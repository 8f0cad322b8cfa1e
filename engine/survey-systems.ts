import type { Ports, Scope, Stage, Survey } from './ports.ts';
import { toProblem } from './problems.ts';
import { stages } from './stages/index.ts';
import type { SideStage } from './types.ts';

/** What one of the stages around the services found. */
export interface SideSurvey {
  readonly stage: Stage<SideStage>;
  readonly survey: Survey<SideStage>;
}

const around: readonly Stage<SideStage>[] = [stages.traefik, stages.dns, stages.authentik, stages.glance];

/** Every system around the services, compared with what Git wants of it; all at the same time. Reads only. */
export function surveySystems(
  scope: Scope,
  ports: Ports,
  signal: AbortSignal,
): Promise<readonly SideSurvey[]> {
  return Promise.all(
    around.map(async (stage): Promise<SideSurvey> => {
      try {
        return { stage, survey: await stage.survey(scope, ports, signal) };
      } catch (error) {
        signal.throwIfAborted();
        return { stage, survey: { ...nothing, problems: [toProblem(error)] } };
      }
    }),
  );
}

const nothing: Survey<SideStage> = { steps: [], risks: [], proofs: {}, diff: '', problems: [] };
