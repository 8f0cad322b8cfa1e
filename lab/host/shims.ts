import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The fake `docker`: hands its arguments to the lab and copies what comes back. Plain CommonJS, so that it starts quickly. */
const dockerProgram = (socket: string) => `#!${process.execPath}
'use strict';
const socket = require('node:net').connect(${JSON.stringify(socket)});
const { LAB_USER = 'root', ...env } = process.env;
let waiting = Buffer.alloc(0);
let raw = false;
let code = 1;
socket.on('connect', () => {
  socket.write(JSON.stringify({ argv: process.argv.slice(2), cwd: process.cwd(), env, user: LAB_USER }) + '\\n');
  const [command, flag] = process.argv.slice(2);
  if (command === 'system' || (command === 'exec' && flag === '-i')) process.stdin.pipe(socket);
});
socket.on('data', (chunk) => {
  if (raw) return void process.stdout.write(chunk);
  waiting = Buffer.concat([waiting, chunk]);
  while (waiting.length >= 5) {
    const length = waiting.readUInt32BE(1);
    if (waiting.length < 5 + length) return;
    const kind = waiting[0];
    const body = waiting.subarray(5, 5 + length);
    waiting = waiting.subarray(5 + length);
    if (kind === 1) process.stdout.write(body);
    else if (kind === 2) process.stderr.write(body);
    else if (kind === 3) code = Number(body.toString());
    else {
      raw = true;
      code = 0;
      process.stdout.write(waiting);
      return;
    }
  }
});
socket.on('error', (error) => {
  process.stderr.write('docker: the lab does not answer: ' + error.message + '\\n');
});
socket.on('close', () => {
  process.stdin.destroy();
  process.exitCode = code;
});
`;

/** The fake `sudo`: knows `-n` and the plain form; LAB_SUDO says what this host allows. */
const sudoProgram = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    -n|-E|-H|--non-interactive) shift ;;
    -u) shift 2 ;;
    --) shift; break ;;
    *) break ;;
  esac
done
if [ "$LAB_USER" != root ] && [ "$LAB_SUDO" != allowed ]; then
  echo 'sudo: a password is required' >&2
  exit 1
fi
LAB_USER=root exec "$@"
`;

export interface ShimOptions {
  readonly directory: string;
  /** Unix socket of the lab's command line server. */
  readonly socket: string;
  readonly docker: boolean;
  readonly sudo: boolean;
}

/** Writes the programs a simulated host has in place of the real ones. */
export function writeShims({ directory, socket, docker, sudo }: ShimOptions): void {
  mkdirSync(directory, { recursive: true });
  const write = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    chmodSync(join(directory, name), 0o755);
  };
  if (docker) write('docker', dockerProgram(socket));
  if (sudo) write('sudo', sudoProgram);
}
