import type { HealthTest } from '../container.ts';

const never = '0001-01-01T00:00:00Z';

const nanoseconds = (ms: number) => ms * 1_000_000;

export const time = (date: Date | undefined) => date?.toISOString() ?? never;

export function healthConfig(test: HealthTest | undefined) {
  if (!test) return {};
  const Healthcheck = {
    Test: test.test,
    Interval: nanoseconds(test.interval),
    Timeout: nanoseconds(test.timeout),
    ...(test.startPeriod > 0 ? { StartPeriod: nanoseconds(test.startPeriod) } : {}),
    Retries: test.retries,
  };
  return { Healthcheck };
}
