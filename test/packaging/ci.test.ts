import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';

/** What the stand-ins answer: npm script or program → exit code; vitest script → its report. */
interface World {
  readonly exits?: Readonly<Record<string, number>>;
  readonly reports?: Readonly<Record<string, object | null>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  /** A stand-in that ends only once another has begun. */
  readonly waits?: Readonly<Record<string, string>>;
}
const report = (passed: number, failed: number): object => ({
  numPassedTests: passed,
  numFailedTests: failed,
  testResults: [
    { status: failed > 0 ? 'failed' : 'passed', assertionResults: failed > 0 ? [{ status: 'failed' }] : [] },
  ],
});

/** Runs the real .ci/run in a checkout whose npm, lab and command line are stand-ins that note how they were called. */
async function runCi({ exits = {}, reports = {}, env = {}, uid, waits = {} }: World): Promise<{
  readonly code: number | undefined;
  readonly lines: readonly string[];
}> {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-ci-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const path of ['.ci', 'bin', 'lab/real', 'dist/bot', 'dist/lab/demo'])
    mkdirSync(join(folder, path), { recursive: true });
  for (const file of ['.ci/run', '.ci/tally.js']) copyFileSync(file, join(folder, file));
  const left: Readonly<Record<string, object | null>> = {
    test: report(3, 0),
    'test:real': report(2, 0),
    'test:image': report(1, 0),
    'test:world': report(1, 0),
    ...reports,
  };
  for (const [script, content] of Object.entries(left))
    writeFileSync(join(folder, `${script}.report`), content === null ? '' : JSON.stringify(content));
  const begun = (name: string): string => join(folder, 'begun', name);
  mkdirSync(begun(''));
  chmodSync(begun(''), 0o777);
  const cases = Object.entries(exits).map(([name, code]) => `"${name}") exit ${code};;`);
  const pauses = Object.entries(waits).map(
    ([name, other]) =>
      `"${name}") i=0; until [ -e "${begun(other)}" ]; do i=$((i+1)); [ $i -lt 400 ] || exit 9; sleep 0.02; done;;`,
  );
  const answer = `: > "${begun('$name')}"
case "$name" in ${pauses.join(' ')} *) ;; esac
case "$name" in ${cases.join(' ')} *) exit 0;; esac`;
  program(
    'bin/npm',
    `name="$*"; name=\${name#run -s }; name=\${name%% --*}
for arg; do case $arg in --outputFile.json=*) [ -s "$name.report" ] && cp "$name.report" "\${arg#*=}";; esac; done
echo "ran npm $name"; ${answer}`,
  );
  // Nothing is installed on the machine that runs this.
  for (const name of ['apt-get', 'chromium', 'rsync']) program(`bin/${name}`, `echo "ran ${name} $1"`);
  program('lab/real/lab.sh', `echo "ran lab $1"; name="lab $1"; ${answer}`);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, 'dist/bot/cli.js'),
    `console.log('ran sentinel', ...process.argv.slice(2)); process.exitCode = ${exits['sentinel'] ?? 0};`,
  );
  writeFileSync(join(folder, 'dist/lab/demo/main.js'), `console.log('ran demo');`);
  chmodSync(folder, 0o755);
  const result = await execa(join(folder, '.ci/run'), {
    cwd: '/',
    reject: false,
    env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, CI: '', ...env },
    ...(uid === undefined ? {} : { uid }),
  });
  return { code: result.exitCode, lines: result.stdout.split('\n') };

  function program(path: string, text: string): void {
    writeFileSync(join(folder, path), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, path), 0o755);
  }
}

const root = process.getuid?.() === 0;
const onHosts = ['lab install', 'npm test:real', 'npm test:world', 'npm test:image'];
const ran = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.startsWith('ran ')).map((line) => line.slice(4));

describe('.ci/run', () => {
  test('runs every piece once and ends with the sum of all tests', async () => {
    const { code, lines } = await runCi({});
    expect(ran(lines).filter((one) => !onHosts.includes(one))).toEqual([
      'npm ci',
      'npm format:check',
      'npm lint',
      'npm types',
      'sentinel validate --repository examples/homelab',
      'npm test',
      'demo',
    ]);
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed$/);
  });

  test('goes on after a failed piece, names it, and fails', async () => {
    const { code, lines } = await runCi({ exits: { lint: 2, sentinel: 1 } });
    expect(ran(lines)).toContain('demo');
    expect(lines).toEqual(expect.arrayContaining(['failed: lint', 'failed: examples']));
    expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed$/);
    expect(code).toBe(1);
  });

  test('counts failed tests and fails', async () => {
    const { code, lines } = await runCi({
      exits: { test: 1 },
      reports: { test: report(3, 2) },
      ...(root ? { uid: 65534 } : {}),
    });
    expect(lines.at(-1)).toBe('3 passed, 2 failed');
    expect(code).toBe(1);
  });

  test('fails when tests failed although the runner said all was well', async () => {
    const { code, lines } = await runCi({ reports: { test: report(3, 1) }, ...(root ? { uid: 65534 } : {}) });
    expect(lines.at(-1)).toBe('3 passed, 1 failed');
    expect(code).toBe(1);
  });

  test('counts a run that left no report, and a file that could not be run, as a failure', async () => {
    const crashed = await runCi({
      exits: { test: 1 },
      reports: { test: null },
      ...(root ? { uid: 65534 } : {}),
    });
    expect([crashed.lines.at(-1), crashed.code]).toEqual(['0 passed, 1 failed', 1]);
    const unloadable = { ...report(3, 0), testResults: [{ status: 'failed', assertionResults: [] }] };
    const broken = await runCi({
      exits: { test: 1 },
      reports: { test: unloadable },
      ...(root ? { uid: 65534 } : {}),
    });
    expect([broken.lines.at(-1), broken.code]).toEqual(['3 passed, 1 failed', 1]);
  });

  test('stops at once when the dependencies cannot be installed', async () => {
    const { code, lines } = await runCi({ exits: { ci: 1 } });
    expect(ran(lines).filter((one) => one !== 'lab install')).toEqual(['npm ci']);
    expect(lines.at(-1)).toBe('0 passed, 1 failed');
    expect(code).toBe(1);
  });

  test('says that real hosts are skipped where nobody may make them', async () => {
    const { code, lines } = await runCi(root ? { uid: 65534 } : {});
    expect(lines).toContainEqual(expect.stringMatching(/^== tests on real hosts: SKIPPED, this machine/));
    expect(ran(lines)).not.toContain('lab install');
    expect([lines.at(-1), code]).toEqual(['3 passed, 0 failed', 0]);
  });

  describe.runIf(root)('where real hosts can be made', () => {
    test('runs their tests too and adds them up', async () => {
      const { code, lines } = await runCi({});
      expect(ran(lines).filter((one) => onHosts.includes(one))).toEqual(onHosts);
      expect([lines.at(-1), code]).toEqual(['7 passed, 0 failed', 0]);
    });

    test('leaves the image out, and says so, when too little time is left for it', async () => {
      const { code, lines } = await runCi({ env: { SECONDS: '1020' } });
      expect(lines).toContainEqual(
        expect.stringMatching(/^== the image: SKIPPED, it may take 240 s and 1\d\d s/),
      );
      expect(ran(lines)).not.toContain('npm test:image');
      expect([lines.at(-1), code]).toEqual(['5 passed, 0 failed', 0]);
    });

    test('installs beside the build and tests beside the checks, and shows each piece in one piece', async () => {
      const { code, lines } = await runCi({
        waits: { ci: 'lab install', 'lab install': 'ci', 'test:real': 'types', types: 'test:real' },
      });
      const at = (line: RegExp): number => lines.findIndex((one) => line.test(one));
      expect(at(/^== real hosts: install: good/)).toBe(at(/^== real hosts: install$/) + 2);
      expect(at(/^== tests on real hosts: good/)).toBe(at(/^== tests on real hosts$/) + 2);
      expect(at(/^== tests on real hosts$/)).toBeGreaterThan(at(/^== examples: good/));
      expect([lines.at(-1), code]).toEqual(['7 passed, 0 failed', 0]);
    });

    test('have all other pieces done and counted when they fail', async () => {
      const { code, lines } = await runCi({
        exits: { 'test:real': 1 },
        reports: { 'test:real': report(1, 1) },
      });
      expect(lines).toContain('failed: tests on real hosts');
      expect(ran(lines)).toContain('demo');
      expect([lines.at(-1), code]).toEqual(['6 passed, 1 failed', 1]);
    });

    test('fails in CI when they cannot be set up', async () => {
      const { code, lines } = await runCi({ exits: { 'lab install': 1 }, env: { CI: 'true' } });
      expect(lines).toContain('failed: real hosts: install');
      expect(ran(lines)).not.toContain('npm test:real');
      expect([lines.at(-1), code]).toEqual(['3 passed, 0 failed', 1]);
    });

    test('skips them, and says so, on a person’s machine that cannot set them up', async () => {
      const { code, lines } = await runCi({ exits: { 'lab install': 1 } });
      expect(lines).toContainEqual(expect.stringContaining('SKIPPED, their programs could not be installed'));
      expect([lines.at(-1), code]).toEqual(['3 passed, 0 failed', 0]);
    });
  });
});
