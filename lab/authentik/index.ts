export { startAuthentik } from './authentik.ts';
export type { AuthentikLab, AuthentikOptions } from './authentik.ts';
export type { Fault } from './faults.ts';
export { embeddedName } from './state.ts';
export type { AuthentikState, LabApplication, LabOutpost, LabProvider } from './state.ts';
