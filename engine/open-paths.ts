/**
 * Whether a pattern of paths that need no login opens the front page, and so the service. Authentik's patterns are Go's:
 * their flags stand in front.
 */
export function opensFrontPage(pattern: string): boolean {
  const [, flags = '', rest = pattern] = /^\(\?([ims]+)\)(.*)$/s.exec(pattern) ?? [];
  try {
    return new RegExp(rest, [...new Set(flags)].join('')).test('/');
  } catch {
    return false; // written for another language of patterns than ours
  }
}
