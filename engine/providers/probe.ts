import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import type { Probe } from '../ports.ts';
import { ask } from './ask.ts';
import { visitPage } from './visit-page.ts';

/** Asks from this machine, with a fresh connection each time, as a visitor would. */
export function createProbe(): Probe {
  return {
    port(address, port, timeoutMs, signal) {
      return ask<boolean>({ silence: false, timeoutMs, signal }, (answer) => {
        const socket = connect({ host: address, port });
        socket.once('connect', () => answer(true));
        socket.on('error', () => answer(false));
        return () => socket.destroy();
      });
    },
    visit: visitPage,
    http(url, timeoutMs, signal) {
      return ask<number | null>({ silence: null, timeoutMs, signal }, (answer) => {
        const get = url.startsWith('https:') ? httpsGet : httpGet;
        const request = get(url, { agent: false, headers: { 'user-agent': 'sentinel' } });
        request.once('response', (response) => answer(response.statusCode ?? null));
        request.on('error', () => answer(null));
        return () => request.destroy();
      });
    },
  };
}
