const COLOURS = ['#5865f2', '#2d7d46', '#a8611a', '#b3365b', '#7a4fc0', '#1f7a8c'];

const SHIELD = 'M32 10 50 17v14c0 12-8 20-18 24-10-4-18-12-18-24V17Z';
const TICK = 'm24 31 6 6 11-12';

/** A picture for a person or the bot, made here, so that nothing is fetched. */
export function avatarOf({ name, bot }: { readonly name: string; readonly bot: boolean }): string {
  return `data:image/svg+xml,${encodeURIComponent(bot ? botPicture() : letterPicture(name))}`;
}

function botPicture(): string {
  return frame(
    '#313fbf',
    `<path d="${SHIELD}" fill="#fff"/><path d="${TICK}" fill="none" stroke="#313fbf" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>`,
  );
}

function letterPicture(name: string): string {
  const letter = /[\p{L}\p{N}]/u.exec(name)?.[0]?.toUpperCase() ?? '?';
  const sum = Array.from(name).reduce((total, sign) => total + (sign.codePointAt(0) ?? 0), 0);
  return frame(
    COLOURS[sum % COLOURS.length] ?? '#5865f2',
    `<text x="32" y="43" font-family="sans-serif" font-size="30" font-weight="600" fill="#fff" text-anchor="middle">${letter}</text>`,
  );
}

function frame(colour: string, inside: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="${colour}"/>${inside}</svg>`;
}
