import { taskState } from './enums.ts';
import { message, parts } from './message.ts';
import { listOf, type Place, textAt } from './place.ts';
import { createShape, type Member, unlessEmpty } from './shape.ts';

/** The state of a task at a time (A2A §4.1.2, 0.3 §6.2). */
const taskStatus = createShape(
  [
    { name: 'state', ...taskState },
    { name: 'message', ...message },
    { name: 'timestamp', toCore: zonedTime, fromCore: unlessEmpty },
  ],
  { defaults: { state: 'unknown' } },
);

const status: Member = { name: 'status', ...taskStatus, required: true };

/** What an agent made (A2A §4.1.7, 0.3 §6.7). */
const artifact = createShape(
  [
    { name: 'artifactId' },
    { name: 'name', fromCore: unlessEmpty },
    { name: 'description', fromCore: unlessEmpty },
    parts,
    { name: 'metadata' },
    { name: 'extensions' },
  ],
  { defaults: { parts: [] } },
);

const defaults = { contextId: '' };
const unknownStatus = { status: { state: 'unknown' } };

/** A task (A2A §4.1.1, 0.3 §6.1). */
export const task = createShape(
  [
    { name: 'id' },
    { name: 'contextId' },
    status,
    { name: 'artifacts', toCore: listOf(artifact.toCore), fromCore: listOf(artifact.fromCore) },
    { name: 'history', toCore: listOf(message.toCore), fromCore: listOf(message.fromCore) },
    { name: 'metadata' },
  ],
  { kind: 'task', defaults: { ...defaults, ...unknownStatus } },
);

/** That a task's state changed (A2A §4.2.1, 0.3 §7.2.2). */
export const statusUpdate = createShape(
  [{ name: 'taskId' }, { name: 'contextId' }, status, { name: 'metadata' }],
  { kind: 'status-update', onlyIn0_3: ['final'], defaults: { ...defaults, ...unknownStatus } },
);

/** That an artifact, or a piece of one, is there (A2A §4.2.2, 0.3 §7.2.3). */
export const artifactUpdate = createShape(
  [
    { name: 'taskId' },
    { name: 'contextId' },
    { name: 'artifact', ...artifact, required: true },
    { name: 'append' },
    { name: 'lastChunk' },
    { name: 'metadata' },
  ],
  { kind: 'artifact-update', defaults },
);

/** Agents on the Python SDK write local times without a zone and mean UTC; ProtoJSON demands one. */
function zonedTime(value: unknown, at: Place): string {
  const time = textAt(value, at);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.test(time) ? `${time}Z` : time;
}
