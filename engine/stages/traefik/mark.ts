/** The first line of every file we write: says whose it is, and what becomes of changes made to it. */
export function markFor(service: string, file: string): string {
  return `# Written by Sentinel for ${service} from ${oneLine(file)}; changes made here are overwritten.`;
}

const pattern = /^# Written by Sentinel for ([a-z0-9][a-z0-9_-]*) from /;

/** The service a file is marked for; null: it is not ours. */
export function markedFor(text: string): string | null {
  return pattern.exec(text)?.[1] ?? null;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
