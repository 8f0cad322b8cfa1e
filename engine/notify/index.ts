export { createAnnouncer, type Announcer } from './announcer.ts';
export type { Ended } from './announcement.ts';
export type { Delivery, Notifier, SinkName } from './notifier.ts';
