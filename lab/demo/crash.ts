/** What Grafana does when its database was written by a newer one. */
export const crash = {
  exit: { code: 1, after: 0 },
  log: 'logger=migrator level=error msg="Executing migration failed" error="database disk image is malformed"',
} as const;
