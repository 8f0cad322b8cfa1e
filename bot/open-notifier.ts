import type { CliPorts } from '../engine/cli/ports.ts';
import { createClock } from '../engine/providers/clock.ts';
import { createNotifier } from '../engine/providers/notify/notifier.ts';
import { createSecrets } from '../engine/providers/secrets.ts';
import { secretsFolder } from './live-ports.ts';

/** Tells with what the job's variables hold, or files in the folder `SENTINEL_SECRETS` names. */
export async function openNotifier(
  env: Readonly<Record<string, string | undefined>>,
): ReturnType<CliPorts['openNotifier']> {
  const secrets = createSecrets({ env, directory: secretsFolder(env) });
  const clock = createClock();
  return Promise.resolve({ secrets, notifier: createNotifier({ secrets, clock }), now: () => clock.now() });
}
