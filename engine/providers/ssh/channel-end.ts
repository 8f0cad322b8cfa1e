import type { ClientChannel } from 'ssh2';

/** Resolves once the channel is closed and stderr is read to its end: ssh2 may announce the close before that. */
export async function channelEnd(channel: ClientChannel): Promise<void> {
  await Promise.all([
    new Promise<void>((resolve) => channel.once('close', () => resolve())),
    new Promise<void>((resolve) => channel.stderr.once('end', () => resolve())),
  ]);
}
