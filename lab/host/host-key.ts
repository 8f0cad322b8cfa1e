import ssh2 from 'ssh2';

/** A key pair: the private half as text for a file, the public half as `ssh-ed25519 AAAA…`. */
export interface HostKey {
  readonly private: string;
  readonly public: string;
}

/** A fresh ed25519 key. About one in two hundred that ssh2 makes cannot be read back, so those are made again. */
export function newHostKey(): HostKey {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (ssh2.utils.parseKey(pair.private) instanceof Error) continue;
    return { private: pair.private, public: pair.public.trim().split(' ').slice(0, 2).join(' ') };
  }
}
