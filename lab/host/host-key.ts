import { utils } from 'ssh2';

/** A key pair: the private half as text for a file, the public half as `ssh-ed25519 AAAA…`. */
export interface HostKey {
  readonly private: string;
  readonly public: string;
}

/** A fresh ed25519 key. */
export function newHostKey(): HostKey {
  const pair = utils.generateKeyPairSync('ed25519');
  return { private: pair.private, public: pair.public.trim().split(' ').slice(0, 2).join(' ') };
}
