import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Inventory, Result } from '../engine/index.ts';
import type { BotFile, Path } from '../schema/index.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Reads a file in the shape of sentinel.yml as it holds in one environment. */
export type ParseInventory = (text: string, file: string, environment: string) => Result<Inventory>;

/** What every part of the configuration is read with. */
export interface Reading {
  readonly bot: BotFile;
  readonly env: Variables;
  readonly parseInventory: ParseInventory;
  /** Paths in bot.yml are meant from where it is. */
  readonly folder: string;
  readonly complain: (path: Path, message: string, hint: string) => void;
}

/** From the folder of secrets, the file a variable names, or the variable itself. */
export function ownSecret({ bot, env, folder, complain }: Reading, path: Path, name: string): string {
  const directory = bot.secrets?.directory;
  const named = env[`${name}_FILE`];
  const value =
    (directory === undefined ? null : readText(resolve(folder, directory, name))) ??
    (named === undefined ? null : readText(named)) ??
    env[name] ??
    '';
  if (value.trim() === '')
    complain(
      path,
      `The secret ${name} has no value.`,
      `Set ${name}, or ${name}_FILE to a file that holds it.`,
    );
  return value.trim();
}

export function readFileAt({ complain }: Reading, path: Path, file: string): string | null {
  const text = readText(file);
  if (text === null)
    complain(path, `${file} cannot be read.`, 'Correct the path, or let Sentinel’s user read it.');
  return text;
}

export function readText(file: string): string | null {
  try {
    accessSync(file, constants.R_OK);
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
