/** The public face of the store. */
export { exportAudit } from './audit-export.ts';
export { verifyAudit, type Break, type Verification } from './audit-verify.ts';
export { inspectDatabase } from './inspect.ts';
export { backUp } from './backup.ts';
export type { AuditRow } from './audit-chain.ts';
export type { Messages, StoredMessage } from './messages.ts';
export { openStore, type OpenStore } from './store.ts';
