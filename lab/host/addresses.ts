import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** A loopback address no other simulated host on this machine uses. */
export interface AddressLease {
  readonly address: string;
  release(): void;
}

/** The port that is held as long as the address is in use. */
const leasePort = 2221;

/** Takes a free address out of 127.64.0.0/10, so that each host has all ports for itself. */
export async function leaseAddress(): Promise<AddressLease> {
  for (;;) {
    const address = `127.${randomInt(64, 128)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;
    const server = createServer();
    const taken = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(true));
      server.listen({ port: leasePort, host: address, exclusive: true }, () => resolve(false));
    });
    if (!taken) return { address, release: () => void server.close() };
  }
}
