import type { Emit, Watcher } from './events.ts';
import type { EngineOptions } from './face.ts';
import type { Catalogue } from './catalogue.ts';
import type { Announcer } from './notify/index.ts';
import type { Following } from './pipeline/following.ts';
import type { Ports } from './ports.ts';
import type { Story } from './story.ts';

/** What the parts of the engine share: what it was built from, and what runs right now. */
export interface EngineContext extends EngineOptions {
  readonly ports: Ports;
  readonly catalogue: Catalogue;
  readonly emit: Emit;
  readonly watchers: Watcher[];
  readonly announcer: Announcer;
  /** Deployments running in this process, by id. */
  readonly running: Map<string, RunningDeployment>;
}
export interface RunningDeployment {
  readonly abort: AbortController;
  readonly story: Story;
  /** Settles when the deployment's last event is written. Never rejects. */
  readonly done: Promise<void>;
  /** Where a pipeline does the work. */
  readonly following?: Following;
}

/**
 * The same, with the secrets as they are in an environment now. What is begun with it goes on with it, so that a
 * deployment runs with the values its plan was made with.
 */
export async function inEnvironment(
  context: EngineContext,
  environment: string,
  signal: AbortSignal,
): Promise<EngineContext> {
  const { secretsFor, systemsFor, ports } = context;
  if (secretsFor === undefined) return context;
  const secrets = await secretsFor(environment, signal);
  const systems = systemsFor?.(environment) ?? ports.systems;
  return { ...context, secrets, ports: { ...ports, secrets, systems } };
}
