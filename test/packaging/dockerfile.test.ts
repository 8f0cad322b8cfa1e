import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, onTestFinished, test } from 'vitest';
import botSchema from '../../schema/bot-schema.json' with { type: 'json' };

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions by stage, continuation lines joined, comments left out. */
function readStages(file: string): readonly (readonly Instruction[])[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [, name = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stages.push([]);
    stages.at(-1)!.push({ name, text });
  }
  return stages;
}

const stages = readStages('Dockerfile');
const [build, final] = [stages[0]!, stages.at(-1)!];
const of = (stage: readonly Instruction[], name: string): readonly string[] =>
  stage.filter((one) => one.name === name).map(({ text }) => text);
const only = (stage: readonly Instruction[], name: string): string => {
  const [text, ...more] = of(stage, name);
  if (text === undefined || more.length > 0) throw new Error(`${name} must be there exactly once`);
  return text;
};
const copied = of(build, 'COPY').flatMap((text) => text.split(' ').slice(0, -1));
const words = (text: string): readonly string[] => JSON.parse(text) as string[];

describe('the build stage', () => {
  test('copies only what exists, and what .dockerignore lets through', () => {
    const allowed = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect(copied.filter((path) => !existsSync(path))).toEqual([]);
    expect(copied.toSorted()).toEqual(allowed.toSorted());
  });

  test('has every folder the product imports, and neither lab nor tests', () => {
    const folders = copied.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1));
    expect(folders.toSorted()).toEqual(['bot', 'commands', 'data', 'engine', 'schema']);
  });

  test('runs the install script of better-sqlite3 and of nothing else, as package.json allows', () => {
    const { allowScripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      allowScripts: Record<string, boolean>;
    };
    const allowed = Object.keys(allowScripts).filter((name) => allowScripts[name]);
    const run = of(build, 'RUN').join('\n');
    expect(run).toContain('npm ci --ignore-scripts');
    expect(/npm rebuild ([^&\n]+)/.exec(run)?.[1]?.trim().split(' ')).toEqual(allowed);
    expect(run).toContain('npm prune --omit=dev');
  });
});

describe('the image', () => {
  test('starts from pinned tags of one Node and one Debian that package.json accepts', () => {
    const [from, to] = [only(build, 'FROM'), only(final, 'FROM')];
    const tag = /^node:(\d+)\.(\d+)\.\d+-(\w+)$/.exec(from.replace(' AS build', ''));
    expect(tag).not.toBeNull();
    expect(to).toBe(`${from.replace(' AS build', '')}-slim`);
    const engines = /"node": ">=(\d+)\.(\d+)"/.exec(readFileSync('package.json', 'utf8'))!;
    const [major, minor] = [Number(tag![1]), Number(tag![2])];
    expect(major % 2, 'odd versions of Node never get long-term support').toBe(0);
    const [leastMajor, leastMinor] = [Number(engines[1]), Number(engines[2])];
    expect(major > leastMajor || (major === leastMajor && minor >= leastMinor)).toBe(true);
  });

  test('starts what the compiler emits for bot/main.ts, and has the command line as "sentinel"', () => {
    const emitted = emittedFiles();
    const [node, program = ''] = words(only(final, 'CMD'));
    expect(node).toBe('node');
    expect(emitted).toContain(program);
    const link = /ln -s \/app\/(\S+) \/usr\/local\/bin\/sentinel/.exec(of(final, 'RUN').join('\n'))?.[1];
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: { sentinel: string } };
    expect(link).toBe(bin.sentinel);
    expect(emitted).toContain(link);
  });

  test('does not run as root, and its program cannot be changed by the user it runs as', () => {
    const names = final.map(({ name }) => name);
    expect(only(final, 'USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(names.indexOf('USER')).toBeLessThan(names.indexOf('CMD'));
    expect(names.lastIndexOf('COPY')).toBeLessThan(names.indexOf('USER'));
    expect(of(final, 'COPY').filter((text) => text.includes('--chown'))).toEqual([]);
  });

  test('has what the repository adapter runs, and no package lists left over', () => {
    const [install = ''] = of(final, 'RUN').filter((text) => text.includes('apt-get install'));
    expect(install).toContain('--no-install-recommends');
    expect(install).toContain('rm -rf /var/lib/apt/lists/*');
    const packages = install.split('&&').find((part) => part.includes('apt-get install'))!;
    expect(packages.split(' ')).toEqual(
      expect.arrayContaining(['git', 'openssh-client', 'ca-certificates', 'tini']),
    );
  });

  test('keeps its state in /state, made for the user it runs as', () => {
    expect(only(final, 'VOLUME')).toBe('/state');
    const [uid, gid] = only(final, 'USER').split(':');
    expect(of(final, 'RUN').join('\n')).toContain(`install -d -o ${uid} -g ${gid} -m 0700 /state`);
    // Without a word in bot.yml the state is the folder of that name beside it.
    const config = /SENTINEL_CONFIG=(\S+)/.exec(only(final, 'ENV'))?.[1];
    const beside = join(dirname(config ?? ''), botSchema.properties.state.default);
    expect(of(final, 'RUN').join('\n')).toContain(`ln -s /state ${beside}`);
    expect(only(final, 'ENV')).toContain('SENTINEL_STATE=/state ');
  });

  test('is told to stop in the way the bot listens for', () => {
    expect(only(final, 'STOPSIGNAL')).toBe('SIGTERM');
    expect(words(only(final, 'ENTRYPOINT'))).toEqual(['tini', '--']);
  });
});

describe('the health check', () => {
  const text = only(final, 'HEALTHCHECK');
  const [program = '', ...args] = words(text.slice(text.indexOf('CMD ') + 4));

  async function run(url: string): Promise<number | null> {
    const child = spawn(program, args, {
      env: { ...process.env, SENTINEL_HEALTH_URL: url },
      stdio: 'ignore',
    });
    await once(child, 'exit');
    return child.exitCode;
  }

  test('asks where bot.yml lets the bot listen by default', () => {
    const url = /SENTINEL_HEALTH_URL=(\S+)/.exec(only(final, 'ENV'))?.[1];
    expect(url).toBe(`http://${botSchema.properties.health.properties.listen.default}/healthz`);
  });

  test('is good when the bot says so, and bad when it does not or is not there', async () => {
    let status = 200;
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status).end();
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;

    expect(await run(url)).toBe(0);
    status = 503;
    expect(await run(url)).toBe(1);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    expect(await run(url)).toBe(1);
    expect(asked).toEqual(['/healthz', '/healthz']);
  });
});

test('neither secrets nor state nor history can reach the build', () => {
  const lines = readFileSync('.dockerignore', 'utf8').split('\n');
  expect(lines.find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
  expect(lines).toEqual(expect.arrayContaining(['**/.env', '**/.env.*', '**/*.db']));
  const tracked = execFileSync('git', ['ls-files', ...copied], { encoding: 'utf8' }).split('\n');
  expect(tracked.filter((path) => /(^|\/)\.env|\.db$|\.pem$|id_(rsa|ed25519)/.test(path))).toEqual([]);
});

/** What `npm run build` writes, by the compiler's own reckoning. */
function emittedFiles(): readonly string[] {
  const { config } = ts.readConfigFile('tsconfig.build.json', (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const parsed = ts.parseJsonConfigFileContent(
    config,
    ts.sys,
    process.cwd(),
    undefined,
    'tsconfig.build.json',
  );
  return parsed.fileNames
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => ts.getOutputFileNames(parsed, file, false))
    .map((file) => file.slice(process.cwd().length + 1));
}
