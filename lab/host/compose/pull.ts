import pLimit from 'p-limit';
import { DockerError, messageOf } from '../docker-error.ts';
import { ComposeError } from './compose-error.ts';
import type { ComposeService } from './model.ts';
import type { Run } from './run.ts';

export interface PullOptions {
  readonly policy: 'always' | 'missing';
  /** Say nothing per service. */
  readonly quiet: boolean;
  readonly ignoreFailures: boolean;
}

/** `docker compose pull`: each image once; the first failure is the command's. */
export async function pullImages(
  run: Run,
  services: readonly ComposeService[],
  options: PullOptions,
): Promise<void> {
  const { daemon, signal } = run;
  const say = options.quiet ? () => undefined : run.progress;
  const limit = pLimit(4);
  const wanted = services.filter(
    ({ image, pullPolicy }) => image !== '' && pullPolicy !== 'never' && pullPolicy !== 'build',
  );
  const results = await Promise.allSettled(
    wanted.map((service) =>
      limit(() => {
        if (signal.aborted) throw new ComposeError(130, 'canceled');
        if (options.policy === 'missing' && daemon.images.find(service.image)) {
          say(` ${service.name} Skipped - Image is already present locally `);
          return;
        }
        say(` ${service.name} Pulling `);
        try {
          daemon.images.pull(service.image);
        } catch (error) {
          say(` ${service.name} Error ${messageOf(error)}`);
          throw error;
        }
        say(` ${service.name} Pulled `);
      }),
    ),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed || options.ignoreFailures) return;
  const reason: unknown = failed.reason;
  if (reason instanceof DockerError)
    throw new ComposeError(18, `Error response from daemon: ${reason.message}`);
  throw reason;
}
