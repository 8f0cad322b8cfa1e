import { type Container, type HealthTest, healthTestOf } from './container.ts';
import { answerOf } from './listeners.ts';

/** Starts the health check of a running container; it ends with the container's other timers. */
export function watchHealth(container: Container, pace: number, changed: () => void): void {
  const test = healthTestOf(container);
  container.health = test ? { status: 'starting', streak: 0, log: [] } : undefined;
  if (!test) return;
  const started = Date.now();
  const timer = setInterval(
    () => {
      check(container, test, Date.now() - started < test.startPeriod * pace);
      changed();
    },
    Math.max(10, test.interval * pace),
  );
  container.cleanups.push(() => clearInterval(timer));
}

function check(container: Container, test: HealthTest, inStartPeriod: boolean): void {
  const { health } = container;
  if (!health) return;
  const start = new Date();
  const { exitCode, output } = runTest(container, test.test);
  health.log.push({ start, end: new Date(), exitCode, output });
  if (health.log.length > 5) health.log.shift();
  if (exitCode === 0) {
    health.streak = 0;
    health.status = 'healthy';
    return;
  }
  if (inStartPeriod && health.status === 'starting') return;
  health.streak += 1;
  if (health.streak >= test.retries) health.status = 'unhealthy';
}

/** Plays the commands people use in health checks against what the container really answers. */
function runTest(container: Container, test: readonly string[]): { exitCode: number; output: string } {
  const command = test.slice(1).join(' ');
  if (/^(\/bin\/)?false\b|^exit [1-9]/.test(command)) return { exitCode: 1, output: '' };
  const url = /https?:\/\/[^/\s:"']+(?::(\d+))?(\/[^\s"']*)?/.exec(command);
  if (url) {
    const answer = answerOf(container, Number(url[1] ?? 80), url[2] ?? '/');
    if (answer === undefined)
      return { exitCode: 1, output: "wget: can't connect to remote host (127.0.0.1): Connection refused\n" };
    return answer.status < 400
      ? { exitCode: 0, output: '' }
      : { exitCode: 1, output: 'server returned error\n' };
  }
  const up = container.serving || container.spec.image.behaviour.page === undefined;
  return up ? { exitCode: 0, output: '' } : { exitCode: 1, output: '' };
}
