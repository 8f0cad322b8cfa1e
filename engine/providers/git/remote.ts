import { Shescape } from 'shescape';

export interface SshAccess {
  /** Private key file; without it the user's own keys and agent are used. */
  readonly keyFile?: string;
  readonly knownHostsFile?: string;
}

/** How git logs in over HTTPS. The password is asked for when it is needed and kept nowhere. */
export interface Credential {
  readonly user: string;
  readonly password: () => string;
}

/** Settings that make `origin` mean this address. The login becomes a header, so it is in no argument list and in no file. */
export function remoteConfig(
  url: string,
  { credential, caFile }: { readonly credential?: Credential; readonly caFile?: string } = {},
): Readonly<Record<string, string>> {
  if (url.startsWith('-') || /[\0\r\n]/.test(url))
    throw new Error('The address of the repository is not valid.');
  if (!/^https?:\/\//i.test(url)) return { 'remote.origin.url': url };
  const address = new URL(url);
  const login = credential === undefined ? loginIn(address) : `${credential.user}:${credential.password()}`;
  address.username = '';
  address.password = '';
  const trust = caFile === undefined ? {} : { [`http.${address.origin}/.sslCAInfo`]: caFile };
  if (login === ':') return { 'remote.origin.url': url, ...trust };
  return {
    'remote.origin.url': address.href,
    ...trust,
    [`http.${address.origin}/.extraHeader`]: `Authorization: Basic ${Buffer.from(login).toString('base64')}`,
  };
}

function loginIn({ username, password }: URL): string {
  return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}

/** Never asks anything, never trusts a host key it has not seen. */
export function sshCommand({ keyFile, knownHostsFile }: SshAccess): string {
  const quote = new Shescape({ shell: 'sh', flagProtection: false });
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ConnectTimeout=15'];
  // ssh splits these values at blanks itself, hence the second pair of quotes
  if (keyFile !== undefined) options.push('IdentitiesOnly=yes', `IdentityFile="${keyFile}"`);
  if (knownHostsFile !== undefined) options.push(`UserKnownHostsFile="${knownHostsFile}"`);
  return ['ssh', ...options.flatMap((option) => ['-o', quote.quote(option)])].join(' ');
}
