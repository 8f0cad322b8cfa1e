/** Whether a path of the repository fits a pattern as GitLab reads it: Ruby's fnmatch with `**`, `{a,b}` and dot files. */
export function globFits(pattern: string, path: string): boolean {
  return new RegExp(`^${translated(pattern)}$`).test(path);
}

/** `review/*` for branches and environments: a star stands for anything, slashes too. */
export function wildcardFits(pattern: string, name: string): boolean {
  return new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`).test(name);
}

const pieces = /\*\*\/|\*\*|\*|\?|\[!?[^\]]+\]|\{[^{}]*\}|[^*?[{]+|[[{]/g;

function translated(pattern: string): string {
  return [...pattern.matchAll(pieces)].map(([piece]) => translatedPiece(piece)).join('');
}

function translatedPiece(piece: string): string {
  if (piece === '**/') return '(?:.*/)?';
  if (piece === '**') return '.*';
  if (piece === '*') return '[^/]*';
  if (piece === '?') return '[^/]';
  if (piece.length > 1 && piece.startsWith('[')) return piece.replace('[!', '[^');
  if (piece.length > 1 && piece.startsWith('{'))
    return `(?:${piece.slice(1, -1).split(',').map(translated).join('|')})`;
  return escaped(piece);
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
