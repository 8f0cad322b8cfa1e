import { execa } from 'execa';

/** The first line a program says about its version; null where it is not on the PATH. `ssh` says it on standard error. */
export async function programVersion(
  program: 'git' | 'ssh',
  {
    env,
    signal,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal },
): Promise<string | null> {
  const { PATH = '' } = env;
  const { stdout, stderr, exitCode } = await execa(program, [program === 'ssh' ? '-V' : '--version'], {
    ...{ env: { PATH, LC_ALL: 'C' }, extendEnv: false, reject: false, stdin: 'ignore', timeout: 5_000 },
    cancelSignal: signal,
  });
  if (exitCode !== 0) return null;
  return `${stdout}\n${stderr}`.trim().split('\n')[0] ?? '';
}
