/** What lets a user run what Sentinel runs, `sudo -n -- sh …`, without a password; docs/install.md has the same. */
export function sudoersLine(user: string): string {
  return `${user} ALL=(root) NOPASSWD: /bin/sh, /usr/bin/sh`;
}
