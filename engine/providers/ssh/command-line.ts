import { Shescape } from 'shescape';
import { ProblemError } from '../../problems.ts';
import type { HostEntry } from '../../types.ts';

// Single quotes mean the same in every POSIX shell, so the local one stands for the host's.
const shell = new Shescape({ shell: '/bin/sh', flagProtection: false });

/** Linux refuses a single argument of 128 KiB, and sshd hands the whole line to the login shell as one. */
const longestLine = 128 * 1024 - 1;

/** Non-interactive logins get a short PATH; ours is added behind it, so that the host's own choices win.
 * Messages are wanted in English, because remote-errors.ts reads them. */
const prelude = `PATH="\${PATH:+$PATH:}/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:/snap/bin"
LC_ALL=C
export PATH LC_ALL
[ -z "$1" ] || export DOCKER_HOST="$1"
shift
echo "sentinel started $$" >&2
`;

/** The line our prelude writes to stderr: proof that neither the login nor sudo stopped us, and whom to kill. */
export const startedLine = /^sentinel started (\d+)\n/m;

/**
 * The command line for a fixed script with its arguments, as root. The only place where a shell sees values.
 * Throws for arguments no command line can carry; they belong on standard input.
 */
export function commandLine(entry: HostEntry, script: string, args: readonly string[]): string {
  const dockerHost = entry.docker.socket === defaultSocket ? '' : `unix://${entry.docker.socket}`;
  const words = ['sh', '-c', `${prelude}${script}`, 'sentinel', dockerHost, ...args];
  const line = [...(entry.user === 'root' ? [] : ['sudo', '-n', '--']), ...words.map(quote)].join(' ');
  if (Buffer.byteLength(line) > longestLine) refuse(entry, 'is longer than 128 KiB');
  return line;

  function quote(word: string): string {
    if (dropped.test(word)) refuse(entry, 'holds a control character');
    return shell.quote(word);
  }
}

/** What Shescape would leave out without a word: NUL, backspace, escape, CSI and a lone carriage return. */
// eslint-disable-next-line no-control-regex
const dropped = /[\0\b\u001b\u009b]|\r(?!\n)/;
const defaultSocket = '/var/run/docker.sock';

function refuse(entry: HostEntry, why: string): never {
  throw new ProblemError({
    code: 'unexpected',
    message: `A command for ${entry.name} ${why}; such values belong on its standard input.`,
    where: entry.name,
  });
}
