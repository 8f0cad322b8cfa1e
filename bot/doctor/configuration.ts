import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspectDatabase } from '../../data/index.ts';
import { doctor, ProblemError } from '../../engine/index.ts';
import type { BotConfig } from '../config.ts';

const { good, privateFile, roomForState, skipped, spaceFinding, troubled, wrong } = doctor;
const area = 'configuration';
const aliveMs = 30_000;

/** bot.yml itself, the files it names and the state folder. Nothing is written, migrated or locked. */
export function configurationFindings(file: string, config: BotConfig, now: Date): readonly doctor.Finding[] {
  return [
    good({ area, subject: file }, 'can be read and is valid.'),
    ...ownersOf(file),
    ...secretFiles(config),
    ...keyFiles(config),
    ...stateFolder(config.state, now),
  ];
}

/** Whoever can write it decides who approves. */
function ownersOf(file: string): readonly doctor.Finding[] {
  if ((statSync(file).mode & 0o002) === 0) return [];
  return [
    wrong({ area, subject: file }, 'can be changed by every user of this machine.', `chmod o-w ${file}`),
  ];
}

function secretFiles({ secrets: { directory, own } }: BotConfig): readonly doctor.Finding[] {
  const names = Object.keys(own).sort().join(', ');
  const all = good({ area, subject: 'secrets' }, `Sentinel’s own are there: ${names}.`);
  if (directory === null) return [all];
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  const looked = files.map(({ name }) => privateFile({ area, subject: name }, join(directory, name)));
  const bad = looked.filter(({ state }) => state !== 'good');
  const fine = good({ area, subject: directory }, `${files.length} files, none of which others can read.`);
  return [all, ...(bad.length > 0 ? bad : [fine])];
}

function keyFiles({ keys }: BotConfig): readonly doctor.Finding[] {
  return Object.entries(keys).map(([name, { file }]) =>
    privateFile({ area, subject: `SSH key ${name}` }, file),
  );
}

function stateFolder(state: string, now: Date): readonly doctor.Finding[] {
  const about = { area, subject: state } as const;
  const nearest = nearestExisting(state);
  const mend = `Give the folder to the user Sentinel runs as (chown ${process.getuid?.() ?? 'it'} ${nearest}), or name another one as \`state\` in bot.yml.`;
  if (!statSync(nearest).isDirectory())
    return [wrong(about, `cannot be made: ${nearest} is no folder.`, mend)];
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch {
    return [{ ...wrong(about, 'cannot be written.', mend), code: 'state-unusable' }];
  }
  const { bavail, bsize } = statfsSync(nearest);
  const room = spaceFinding(about, { path: nearest, free: bavail * bsize, needed: roomForState });
  if (nearest !== state) return [good(about, 'does not exist yet; the first start makes it.'), room];
  return [good(about, 'can be written.'), room, ...database(join(state, 'sentinel.db'), now)];
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function database(file: string, now: Date): readonly doctor.Finding[] {
  const about = { area, subject: file } as const;
  if (!existsSync(file)) return [skipped(about, 'does not exist yet; the first start makes it.')];
  try {
    const { schema, known, holder } = inspectDatabase(file);
    const runs = holder !== null && now.getTime() - Date.parse(holder.beatAt) < aliveMs;
    return [
      good(
        about,
        schema === known
          ? `opens; its schema is version ${schema}.`
          : `opens; the next start brings its schema from version ${schema} to ${known}.`,
      ),
      good(about, runs ? `a bot works with it now (${holder.who}).` : 'no bot works with it now.'),
    ];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return [troubled(about, error.problem)];
  }
}
