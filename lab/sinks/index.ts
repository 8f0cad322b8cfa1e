export { startNtfy, type NtfyLab, type NtfyOptions } from './ntfy.ts';
export type { NtfyMessage } from './ntfy-message.ts';
export { startWebhook, type WebhookLab, type WebhookOptions } from './webhook.ts';
export type { SinkFault, SinkFaults } from './faults.ts';
export type { SinkRequest } from './sink-server.ts';
