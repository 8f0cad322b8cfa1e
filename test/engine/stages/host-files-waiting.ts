import { expect, test } from 'vitest';
import { keptDirectory, writeHostFiles, type Writing } from '../../../engine/stages/host-files/index.ts';
import { eventually } from '../../eventually.ts';
import type { Play } from './support/play.ts';

interface Bench {
  readonly play: () => Play;
  readonly at: (name: string) => string;
  readonly write: (
    path: string,
    expected: string | null,
    text: string | null,
    more?: Partial<Writing>,
  ) => Promise<unknown>;
}

const containing = (text: string): unknown => expect.stringContaining(text);
const lacking = (text: string): unknown => expect.not.stringContaining(text);

/** What writing files of a host waits for, and what it does not. */
export function waitingTests({ play, at, write }: Bench): void {
  const { signal } = new AbortController();
  const exec = async (shell: string) => (await play().host.exec(shell)).stdout;
  /** A machine whose docker is this script. */
  const machineWithDocker = async (name: string, script: string) => {
    await exec(`printf '#!/bin/sh\\n%s\\n' '${script}' > ${at(name)}; chmod 755 ${at(name)}`);
    return play().ports.host({ ...play().entry, docker: { ...play().entry.docker, command: at(name) } });
  };

  test('are not written while Docker does not say what is mounted, and nobody waits for it', async () => {
    const path = at('asked.yml');
    const docker = await machineWithDocker('hanging', `touch ${at('hangs')}; exec sleep 40`);
    const writes = [{ path, expected: null, text: 'x' }];
    const slow = writeHostFiles(
      docker,
      { writes, container: 'proxy', patience: { lock: 30, docker: 3 } },
      signal,
    ).then(
      () => null,
      (error: unknown) => error,
    );
    await eventually(async () => (await exec(`ls ${at('hangs')}`)) !== '');
    expect(await write(at('other.yml'), null, 'x', { patience: { lock: 1, docker: 1 } })).toBe('written');
    const message = containing('docker did not tell within 3 seconds what proxy has mounted');
    expect(await slow).toMatchObject({ problem: { message } });
    expect(await play().host.readFile(path)).toBeUndefined();
  });

  test('are not written when Docker fails, but a container that is not there mounts nothing', async () => {
    const path = at('failed.yml');
    const writes = [{ path, expected: null, text: 'x' }];
    const failing = await machineWithDocker('failing', 'echo "Error: the daemon is confused" >&2; exit 1');
    await expect(writeHostFiles(failing, { writes, container: 'proxy' }, signal)).rejects.toMatchObject({
      problem: { message: containing('the daemon is confused') },
    });
    expect(await play().host.readFile(path)).toBeUndefined();
    expect(await write(path, null, 'x', { container: 'nobody' })).toBe('written');
  });

  test('wait for another Sentinel, and say so only when it is one', async () => {
    const lock = `${keptDirectory(play().entry)}/.lock`;
    const patience = { lock: 1, docker: 1 };
    const holding = exec(
      `flock ${lock} sh -c 'touch ${at('held')}; while [ -e ${at('held')} ]; do sleep 0.1; done'`,
    );
    await eventually(async () => (await exec(`ls ${at('held')}`)) !== '');
    await expect(write(at('busy.yml'), null, 'x', { patience })).rejects.toMatchObject({
      problem: { code: 'system-busy', message: containing(lock) },
    });
    await exec(`rm ${at('held')}`);
    await holding;
    await exec(`rm ${lock}; mkdir ${lock}`);
    try {
      const error: unknown = await write(at('busy.yml'), null, 'x', { patience }).catch(
        (cause: unknown) => cause,
      );
      expect(error).toMatchObject({
        problem: { message: lacking('another Sentinel') },
      });
      expect(error).toMatchObject({ problem: { message: containing(lock) } });
    } finally {
      await exec(`rmdir ${lock}`);
    }
  });
}
