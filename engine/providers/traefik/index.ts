export { createTraefikReader, type TraefikReader } from './reader.ts';
