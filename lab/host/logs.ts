import type { Container, LogLine } from './container.ts';

/** Which lines of a container's log are wanted. */
export interface LogQuery {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** undefined: all of them. */
  readonly tail: number | undefined;
  readonly since: Date | undefined;
  readonly timestamps: boolean;
}

/** The lines a query asks for, timestamps added when wanted. */
export function selectLogs(container: Container, query: LogQuery): readonly LogLine[] {
  const lines = container.logs
    .filter(({ stream }) => query[stream])
    .filter(({ at }) => !query.since || at >= query.since);
  const kept = query.tail === undefined ? lines : lines.slice(Math.max(0, lines.length - query.tail));
  return kept.map((line) =>
    query.timestamps
      ? { ...line, text: `${line.at.toISOString().replace('Z', '000000Z')} ${line.text}` }
      : line,
  );
}

/** Docker's multiplexed stream: stream number, three zeros, length, text. */
export function frameLogs(lines: readonly LogLine[]): Buffer {
  return Buffer.concat(
    lines.map(({ stream, text }) => {
      const body = Buffer.from(`${text}\n`);
      const head = Buffer.alloc(8);
      head.writeUInt8(stream === 'stdout' ? 1 : 2, 0);
      head.writeUInt32BE(body.length, 4);
      return Buffer.concat([head, body]);
    }),
  );
}
