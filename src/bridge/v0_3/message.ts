import { role } from './enums.ts';
import { fromCorePart, toCorePart } from './part.ts';
import { listOf } from './place.ts';
import { createShape, type Member, unlessEmpty } from './shape.ts';

/** The parts of a message or an artifact. */
export const parts: Member = { name: 'parts', toCore: listOf(toCorePart), fromCore: listOf(fromCorePart) };

/** A message (A2A §4.1.4, 0.3 §6.4). */
export const message = createShape(
  [
    { name: 'messageId' },
    { name: 'contextId', fromCore: unlessEmpty },
    { name: 'taskId', fromCore: unlessEmpty },
    { name: 'role', ...role },
    parts,
    { name: 'metadata' },
    { name: 'extensions' },
    { name: 'referenceTaskIds' },
  ],
  { kind: 'message', defaults: { parts: [] } },
);
