import { listOf, type Place, textAt } from '../place.ts';
import { unlessEmpty } from '../shape.ts';
import { role, taskState } from './enums.ts';
import { part } from './part.ts';
import { createProtoShape, type ProtoMember } from './shape.ts';

/** The objects of a conversation in 0.3 ProtoJSON and in core (A2A §4.1, §4.2, 0.3 proto). */

const parts = { toCore: listOf(part.toCore), fromCore: listOf(part.fromCore) };
const taskId: ProtoMember = { name: 'taskId', fromCore: unlessEmpty };
const contextId: ProtoMember = { name: 'contextId', fromCore: unlessEmpty };
const metadata: ProtoMember = { name: 'metadata' };
const extensions: ProtoMember = { name: 'extensions' };

export const message = createProtoShape([
  { name: 'messageId' },
  contextId,
  taskId,
  { name: 'role', ...role },
  { name: 'content', coreName: 'parts', ...parts },
  metadata,
  extensions,
  // Not in the proto of 0.3; its JSON has it (0.3 §6.4).
  { name: 'referenceTaskIds' },
]);

const taskStatus = createProtoShape([
  { name: 'state', ...taskState },
  { name: 'message', protoName: 'update', ...message },
  { name: 'timestamp', toCore: zonedTime, fromCore: unlessEmpty },
]);

const status: ProtoMember = { name: 'status', ...taskStatus, required: true };

const artifact = createProtoShape([
  { name: 'artifactId' },
  { name: 'name', fromCore: unlessEmpty },
  { name: 'description', fromCore: unlessEmpty },
  { name: 'parts', ...parts },
  metadata,
  extensions,
]);

export const task = createProtoShape(
  [
    { name: 'id' },
    contextId,
    status,
    { name: 'artifacts', toCore: listOf(artifact.toCore), fromCore: listOf(artifact.fromCore) },
    { name: 'history', toCore: listOf(message.toCore), fromCore: listOf(message.fromCore) },
    metadata,
  ],
  { defaults: { status: {} } },
);

export const statusUpdate = createProtoShape([taskId, contextId, status, metadata], {
  onlyIn0_3: ['final'],
  defaults: { status: {} },
});

export const artifactUpdate = createProtoShape([
  taskId,
  contextId,
  { name: 'artifact', ...artifact, required: true },
  { name: 'append' },
  { name: 'lastChunk' },
  metadata,
]);

/** Some agents write times without a zone and mean UTC; core demands one. */
function zonedTime(value: unknown, at: Place): string {
  const time = textAt(value, at);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.test(time) ? `${time}Z` : time;
}
