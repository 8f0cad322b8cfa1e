export { createAnnouncer, type Announcer } from './announcer.ts';
export type { AnnouncedService, Announcement, Ended } from './announcement.ts';
export { deliveriesOf } from './deliveries.ts';
export type { Delivery, Notifier, SinkName } from './notifier.ts';
