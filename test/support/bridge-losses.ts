import { isRecord } from '../../src/protocol/json.ts';
import type { JsonObject } from './bridge-arbitraries.ts';
import {
  everyObject,
  inOrder,
  isOwn,
  member,
  members,
  movedIn,
  movedOut,
  ofRequests,
  type Same,
  without,
  withoutEmptyMetadata,
  withoutTask,
} from './bridge-same.ts';

/**
 * Where something does not come through the bridge as it went in, or not under its name. `docs/bridging.md` has a row of
 * each, and the properties of the bridge hold but for these.
 */
export interface Loss {
  between: string;
  what: string;
  happens: string;
  /** How the property sees it: in 0.3, after 0.3 → 1.0 → 0.3. */
  in0_3?: Same;
  /** In core, after 1.0 → 0.3 → 1.0. */
  inCore?: Same;
}

const either = '0.3 and 1.0';
const up = '0.3 to 1.0';
const down = '1.0 to 0.3';

const isNull: Same = without((name, value) => value === null && name !== 'data' && !isOwn(name));
const emptyTexts = ['contextId', 'taskId', 'id', 'name', 'description', 'timestamp', 'token', 'credentials'];
const isEmpty: Same = without((name, value) => value === '' && emptyTexts.includes(name));

/** The order is that of the table, and that in which the properties take them. */
export const losses: readonly Loss[] = [
  {
    between: either,
    what: '`null` for a member that is not there',
    happens:
      'Left out: it is absence in ProtoJSON and nothing else in 0.3. In `data` and in metadata it stays.',
    in0_3: isNull,
    inCore: isNull,
  },
  {
    between: down,
    what: 'Empty text for an optional member',
    happens: 'Left out: to ProtoJSON both are the same, and a reader of 0.3 would take it for a value.',
    in0_3: isEmpty,
    inCore: inOrder(
      isEmpty,
      without((name, value) => value === '' && ['filename', 'mediaType'].includes(name)),
    ),
  },
  {
    between: down,
    what: 'Members that 0.3 requires and ProtoJSON leaves out',
    happens: 'Filled in: empty `parts` and `contextId`, and the state `unknown`.',
    inCore: inOrder(
      without((name, value) => name === 'parts' && Array.isArray(value) && value.length === 0),
      without((name, value) => name === 'state' && (value === 0 || value === 'TASK_STATE_UNSPECIFIED')),
      without((name, value) => name === 'status' && isRecord(value) && Object.keys(value).length === 0),
    ),
  },
  {
    between: down,
    what: 'Roles and states by number',
    happens: 'Read, as ProtoJSON allows, and spelled by name.',
    inCore: inOrder(
      member('role', (value) => (value === 1 ? 'ROLE_USER' : value === 2 ? 'ROLE_AGENT' : value)),
      member('state', (value) => (value === 5 ? 'TASK_STATE_CANCELED' : value)),
    ),
  },
  {
    between: either,
    what: 'Roles and states that the other version does not have',
    happens:
      'Passed as they are spelled, for the reader to judge. `unknown` of 0.3 and `TASK_STATE_UNSPECIFIED` are the same; ' +
      '`ROLE_UNSPECIFIED` has no twin.',
  },
  {
    between: up,
    what: 'An object without its `kind`',
    happens: 'Read where only one kind can stand; comes back with it. Refused where the kind decides.',
    in0_3: without((name, value) => name === 'kind' && (value === 'message' || value === 'task')),
  },
  {
    between: up,
    what: 'Times without a zone',
    happens: 'Taken for UTC and given a `Z`, which ProtoJSON demands.',
    in0_3: member('timestamp', (value) => (value === '2026-01-01T00:00:00.5' ? `${value}Z` : value)),
  },
  {
    between: either,
    what: '`mediaType` and `filename` of text and data parts',
    happens:
      "Kept in the 0.3 part's metadata as `a2a-gateway:mediaType` and `a2a-gateway:filename`, and restored from there. " +
      'Metadata that is empty without them is left out. File parts have both in either version.',
    inCore: everyObject((object) => {
      const isKept =
        ('text' in object || 'data' in object) && ('mediaType' in object || 'filename' in object);
      return isKept ? withoutEmptyMetadata(object) : object;
    }),
  },
  {
    between: either,
    what: '`data` that is no object',
    happens:
      "Wrapped as `{value}` for 0.3, where it must be one, with `data_part_compat` in the part's metadata, and unwrapped " +
      'from there, as the official SDKs do. Metadata that is empty without the flag is left out.',
    inCore: everyObject((object) =>
      'data' in object && !isRecord(object.data) ? withoutEmptyMetadata(object) : object,
    ),
  },
  {
    between: down,
    what: 'Bytes in the URL-safe alphabet of base64, or without padding',
    happens:
      'Spelled in the standard alphabet with padding in JSON-RPC, which is what readers of 0.3 know there.',
    inCore: member('raw', (value) => (value === '-_8' ? '+/8=' : value)),
  },
  {
    between: either,
    what: 'Members that neither version knows, where one version has an object more',
    happens:
      'Kept one level up or down: of a 0.3 `file` beside the content of the part, of a 0.3 `pushNotificationConfig` beside ' +
      '`taskId`, of what is around `task`, `message`, `statusUpdate` or `artifactUpdate` in 1.0 inside of it. Where a name is ' +
      'taken there, the one that was there stays.',
    in0_3: everyObject((object) => {
      if ('file' in object) return movedOut(object, 'file');
      return 'taskId' in object ? movedOut(object, 'pushNotificationConfig') : object;
    }),
    inCore: (value, { is }) => (is === 'answer' ? movedIn(value) : value),
  },
  {
    between: either,
    what: "Members that the sender's version does not know and the other does",
    happens:
      'Dropped, in any spelling that a lenient parser takes for the name: past the checks on the request they would gain a ' +
      'meaning that nobody checked.',
  },
  {
    between: either,
    what: 'Parts that are none of the other version',
    happens:
      'Refused, with what they are in: a 0.3 part of another kind than text, file and data, a file with both or neither of ' +
      '`bytes` and `uri`, a 1.0 part with none or two of `text`, `raw`, `url` and `data`.',
  },
  {
    between: up,
    what: '`configuration.blocking` that is not there',
    happens:
      'Nothing is said in 1.0 either, so the agent waits until the task ends or needs something. In HTTP+JSON and gRPC it is ' +
      '`false` once there is a configuration, as the protobuf form has it and its clients write it.',
    in0_3: ofRequests(['SendMessage'], ({ configuration, ...others }) => ({
      ...others,
      configuration: { blocking: true, ...(configuration as JsonObject | undefined) }, // Null is gone by now.
    })),
  },
  {
    between: down,
    what: '`configuration.returnImmediately` that is not there',
    happens:
      'A send says `blocking: true`, because 1.0 promises to wait and agents of 0.3 differ. A stream says nothing.',
    inCore: ofRequests(['SendMessage'], ({ configuration, ...others }) => ({
      ...others,
      configuration: { returnImmediately: false, ...(configuration as JsonObject | undefined) }, // As above.
    })),
  },
  {
    between: either,
    what: '`final` of a status update',
    happens:
      'Dropped towards 1.0, where the end of the stream says it; towards 0.3 set on the update after which the stream ends.',
  },
  {
    between: up,
    what: 'A push configuration without an id',
    happens:
      "Set and got under the task's id, as the SDKs of 0.3 do, because 1.0 demands an id on getting. Not so on deleting, " +
      'where 0.3 demands one too, nor in a send, where there may be no task yet. In HTTP+JSON and gRPC getting ' +
      'always names one, and for setting without one the gateway makes one.',
    in0_3: inOrder(
      ofRequests(['CreateTaskPushNotificationConfig'], ({ pushNotificationConfig, ...others }) => ({
        ...others,
        pushNotificationConfig: { id: others.taskId, ...(pushNotificationConfig as JsonObject) }, // It has one.
      })),
      ofRequests(['GetTaskPushNotificationConfig'], (request) => ({
        ...request,
        pushNotificationConfigId: request.pushNotificationConfigId || request.id,
      })),
    ),
    inCore: ofRequests(['CreateTaskPushNotificationConfig'], (request) => ({
      id: request.taskId,
      ...request,
    })),
  },
  {
    between: up,
    what: 'Several `authentication.schemes` of a push configuration',
    happens:
      'The first becomes `scheme`. The list stays beside it as `schemes`, a member that 1.0 does not know, ' +
      'and is restored while it begins with `scheme`.',
  },
  {
    between: down,
    what: 'A push configuration with `authentication` and no `scheme`',
    happens: 'An empty list of `schemes`, which 0.3 requires.',
    inCore: without((name, value) => name === 'scheme' && value === ''),
  },
  {
    between: down,
    what: '`tenant`, and `taskId` of a push configuration within a send',
    happens: 'Dropped: 0.3 has neither, and no card of the gateway asks for either.',
    inCore: inOrder(
      members('tenant'),
      everyObject((object) =>
        'taskPushNotificationConfig' in object
          ? { ...object, taskPushNotificationConfig: withoutTask(object.taskPushNotificationConfig) }
          : object,
      ),
    ),
  },
  {
    between: either,
    what: 'Pages of push configurations',
    happens:
      'The gateway lists them itself. A caller in JSON-RPC of 0.3, which has no pages, gets all of a task.',
    inCore: (value, { operation }) => {
      if (operation !== 'ListTaskPushNotificationConfigs' || !isRecord(value)) return value;
      const { pageSize: _, pageToken: __, ...others } = value;
      return 'taskId' in others ? others : { configs: others.configs ?? [] };
    },
  },
  {
    between: either,
    what: 'The result of deleting a push configuration',
    happens: '`null` in 0.3 and an empty object in 1.0, whatever the agent answered.',
    inCore: (value, { operation, is }) =>
      operation === 'DeleteTaskPushNotificationConfig' && is === 'answer' ? {} : value,
  },
  {
    between: up,
    what: '`metadata` of a request that has none in 1.0: all about tasks and push configurations but cancelling',
    happens: 'Passed in JSON-RPC as a member that 1.0 does not know; dropped in HTTP+JSON and gRPC.',
  },
  {
    between: down,
    what: 'Listing tasks',
    happens:
      '0.3 has no such operation. The gateway makes the list itself, asking for each task; where the agent is registered with ' +
      '`ownership: backend`, it is `UnsupportedOperation`.',
  },
  {
    between: either,
    what: 'Agent cards',
    happens:
      'Not bridged: the gateway publishes a card of its own in each version, with its own endpoints and security schemes, so ' +
      'what only one version can say of those (the device code flow of 1.0) is never there to be lost.',
  },
  {
    between: either,
    what: 'What is sent to a webhook',
    happens:
      'In the version in which its caller set it, whatever the agent posts: see [push.md](push.md). Of what is posted, all ' +
      'that is said here of events holds.',
  },
  {
    between: 'JSON and gRPC',
    what: 'Members that the protocol does not name',
    happens: 'Dropped: protobuf has no place for them. In `data` and in metadata everything stays.',
  },
  {
    between: 'JSON and gRPC',
    what: 'Numbers in `data` and in metadata',
    happens: 'Doubles: 9007199254740993 arrives as 9007199254740992, and 1.0 as 1.',
  },
  {
    between: 'JSON-RPC of 0.3 and its HTTP+JSON and gRPC',
    what: '`configuration.blocking` that is not there',
    happens:
      'In a configuration of HTTP+JSON and gRPC it is false, the default of the proto; in JSON-RPC nothing is said.',
  },
  {
    between: 'JSON-RPC of 0.3 and its HTTP+JSON and gRPC',
    what: '`historyLength` of 0',
    happens:
      'Passed as it is. It asks for no history in 1.0, and for all of it in the protobuf form of 0.3, so what an agent of that answers is left out.',
  },
  {
    between: 'JSON-RPC of 0.3 and its HTTP+JSON',
    what: 'Members that the protobuf form of 0.3 does not have: `referenceTaskIds` of a message, `metadata` of a cancellation',
    happens:
      'Written all the same. The official TypeScript SDK passes over them, and over the metadata of parts and the names of ' +
      'files; a strict parser may refuse them.',
  },
  {
    between: 'JSON-RPC of 0.3 and its HTTP+JSON',
    what: 'The body that sets a push configuration',
    happens:
      'Read as the TypeScript SDK writes it, the configuration, or as the Python SDK does, a request around it; both at once ' +
      'where they are equal. Written as both at once. Between a caller and an agent of HTTP+JSON of 0.3 it goes as it is.',
  },
  {
    between: 'JSON-RPC of 0.3 and its HTTP+JSON and gRPC',
    what: 'Bytes of a file',
    happens:
      'Passed as they are. The Python SDK of 0.3 puts base64 into base64 there, the TypeScript SDK does not.',
  },
];

/** The properties' equality in 0.3. */
export const sameIn0_3: Same = inOrder(...losses.flatMap(({ in0_3 }) => in0_3 ?? []));

/** The properties' equality in core. */
export const sameInCore: Same = inOrder(...losses.flatMap(({ inCore }) => inCore ?? []));
