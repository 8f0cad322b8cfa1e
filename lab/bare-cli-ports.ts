import type { CliPorts } from '../engine/cli/ports.ts';

const missing = (): never => {
  throw new Error('this command line was made without that');
};

/** A command line with nothing outside; whoever runs one puts in what its commands need. */
export const bareCliPorts: CliPorts = {
  ...{ version: 'lab', env: {}, directory: '/', color: false, login: 'somebody@lab', ask: null },
  ...{ out: missing, err: missing },
  openCheckout: missing,
  createWorkingTree: missing,
  openLive: () => null,
  openNotifier: missing,
  verifyAudit: missing,
  exportAudit: missing,
  backUp: missing,
  openBotDoctor: missing,
  readInvite: missing,
};
