import type { Log } from '../../engine/index.ts';
import { isSame, type Hook } from '../hooks/hook.ts';
import type { Metrics } from './metrics.ts';

export const metricsPath = '/metrics';

/** Answers Prometheus; where a token is configured, only whoever shows it. */
export function createMetricsPage(
  metrics: Metrics,
  { token, log }: { readonly token: string | null; readonly log: Log },
): Hook {
  return ({ method, headers }, response) => {
    const refuse = (status: number, text: string, more = {}): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...more });
      response.end(`${text}\n`);
    };
    if (method !== 'GET' && method !== 'HEAD') {
      refuse(405, 'only GET', { allow: 'GET, HEAD' });
      return;
    }
    if (token !== null && !isSame(headers.authorization ?? '', `Bearer ${token}`)) {
      refuse(401, 'the bearer token is wrong', { 'www-authenticate': 'Bearer' });
      return;
    }
    metrics.page().then(
      ({ type, text }) => {
        response.writeHead(200, { 'content-type': type });
        response.end(text);
      },
      (error: unknown) => {
        log.error({ err: error }, 'the metrics could not be read');
        refuse(500, 'the metrics could not be read; the log says why');
      },
    );
  };
}
