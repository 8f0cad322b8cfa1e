import { shapes } from '../../engine/index.ts';

/* Stored values are looked at with the engine's own shapes, as what it keeps on hosts is. */
export const { anything, bit, flag, integer, keyOf, list, literal, Mismatch, nullable, number } = shapes;
export const { object, optional, record, tagged, text } = shapes;
export type Shape<T> = shapes.Shape<T>;
