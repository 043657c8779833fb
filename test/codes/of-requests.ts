import { expect } from 'vitest';
import type { Cell } from '../requirements/clause.ts';
import { message } from '../support/bindings.ts';
import { legacyMessage } from '../support/legacy.ts';
import { protoMessage } from '../support/legacy-proto.ts';
import { creation } from '../support/push-speech.ts';
import { taskAgent } from '../support/task-agent.ts';
import { ask, askOwn, toldOverHttp } from './ask.ts';
import { everywhere, only, overHttp, type Provocations } from './provocation.ts';
import { limits } from './scenes.ts';

const jsonRpc = ['JSON-RPC 1.0', 'JSON-RPC 0.3'] as const;
const rest = ['HTTP+JSON 1.0', 'HTTP+JSON 0.3'] as const;

/** A message as a cell spells it, with more members. */
export function messageOf(cell: Cell, members: Record<string, unknown> = {}): Record<string, unknown> {
  if (cell.endsWith('1.0')) return { message: { ...message, ...members } };
  return { message: { ...(cell === 'JSON-RPC 0.3' ? legacyMessage : protoMessage), ...members } };
}

/** The request as such. */
export const ofRequests: Provocations<
  | 'path_refused'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'media_type_unsupported'
  | 'body_too_large'
  | 'body_malformed'
  | 'envelope_invalid'
  | 'operation_unknown'
  | 'member_refused'
  | 'parameter_invalid'
  | 'version_unsupported'
  | 'operation_unsupported'
  | 'push_unsupported'
  | 'webhook_refused'
  | 'task_not_found'
  | 'context_refused'
> = {
  path_refused: {
    evidence: { rule: 'encoded_unreserved' },
    on: {
      ...only(
        ['HTTP+JSON 1.0'],
        async ({ fetch }) => toldOverHttp('HTTP+JSON', await fetch('/agents/agent/tasks/%74-1')),
        'a path is judged before it is known whose it is, and refused in the words of HTTP+JSON 1.0',
      ),
      'own routes': (scene) => askOwn(scene, 'GET /admin/%61gents'),
    },
  },
  route_not_found: {
    evidence: {},
    on: {
      ...only(
        rest,
        async ({ fetch }, cell) => {
          const isLegacy = cell === 'HTTP+JSON 0.3';
          const answer = await fetch(`/agents/agent${isLegacy ? '/v1' : ''}/nothing`);
          return toldOverHttp(isLegacy ? cell : 'HTTP+JSON', answer);
        },
        'has one path, or none',
      ),
      'own routes': (scene) => askOwn(scene, 'GET /nothing'),
    },
  },
  method_not_allowed: {
    evidence: { allow: 'GET' },
    on: {
      ...only(
        rest,
        async ({ fetch }, cell) => {
          const isLegacy = cell === 'HTTP+JSON 0.3';
          const path = `/agents/agent${isLegacy ? '/v1' : ''}/tasks/t-1`;
          return toldOverHttp(isLegacy ? cell : 'HTTP+JSON', await fetch(path, { method: 'PUT' }));
        },
        'other methods of its path are no calls: they are refused as on own routes',
      ),
      'own routes': (scene) => askOwn(scene, 'DELETE /agents'),
    },
  },
  media_type_unsupported: {
    evidence: { expected: 'application/json' },
    isBeforeBody: true,
    on: {
      ...overHttp(
        (scene, cell) => ask(scene, cell, 'SendMessage', { headers: { 'content-type': 'text/plain' } }),
        'the transport refuses another content type: it is no gRPC',
      ),
      'own routes': (scene) =>
        askOwn(scene, 'PUT /admin/permissions/x', { body: {}, headers: { 'content-type': 'text/plain' } }),
    },
  },
  body_too_large: {
    evidence: { maxBodyBytes: String(limits.maxBodyBytes) },
    isBeforeBody: true,
    on: {
      ...overHttp(
        (scene, cell) => ask(scene, cell, 'SendMessage', { body: 'x'.repeat(limits.maxBodyBytes + 1) }),
        'the transport refuses a message that is too large: RESOURCE_EXHAUSTED',
      ),
      'own routes': (scene) =>
        askOwn(scene, 'PUT /admin/permissions/x', { body: 'x'.repeat(limits.maxBodyBytes + 1) }),
    },
  },
  body_malformed: {
    evidence: { problem: 'syntax' },
    isBeforeBody: true,
    on: {
      ...overHttp(
        (scene, cell) => ask(scene, cell, 'SendMessage', { body: '{' }),
        'a message that is no protobuf has a problem of its own: test/grpc-errors.test.ts',
      ),
      'own routes': (scene) => askOwn(scene, 'PUT /admin/permissions/x', { body: '{' }),
    },
  },
  envelope_invalid: {
    evidence: { problem: 'batch' },
    isBeforeBody: true,
    on: {
      ...only(jsonRpc, (scene, cell) => ask(scene, cell, 'SendMessage', { body: '[]' }), 'has no envelope'),
      'own routes': 'have no envelope',
    },
  },
  operation_unknown: {
    evidence: {},
    on: {
      ...only(
        jsonRpc,
        (scene, cell) =>
          ask(scene, cell, 'SendMessage', { body: '{"jsonrpc":"2.0","id":"call-7","method":"SendNothing"}' }),
        'names operations by path: what is none is route_not_found, or UNIMPLEMENTED of the transport',
      ),
      'own routes': 'have no operations',
    },
  },
  member_refused: {
    evidence: { member: expect.stringMatching(/message$/), rule: 'duplicate' },
    on: {
      ...overHttp((scene, cell) => {
        const twice = `{"message":{},"message":{}}`;
        const method = cell === 'JSON-RPC 1.0' ? 'SendMessage' : 'message/send';
        const body = cell.startsWith('JSON-RPC')
          ? `{"jsonrpc":"2.0","id":"call-7","method":"${method}","params":${twice}}`
          : twice;
        return ask(scene, cell, 'SendMessage', { body });
      }, 'protobuf takes the last of two; other rules hold: test/grpc-errors.test.ts'),
      'own routes': (scene) =>
        askOwn(scene, 'PUT /admin/permissions/x', { body: '{"message":1,"message":2}' }),
    },
  },
  parameter_invalid: {
    evidence: { parameter: 'A2A-Version', problem: 'conflict' },
    on: {
      ...overHttp(async (scene, cell) => {
        const { fetch } = scene;
        const asked = {
          ...scene,
          fetch: (path: string, init?: RequestInit) => fetch(`${path}?A2A-Version=0.2`, init),
        };
        return ask(asked, cell, 'SendMessage', { headers: { 'a2a-version': cell.slice(-3) } });
      }, 'has no query: what else may be wrong is in test/grpc-errors.test.ts'),
      'own routes': 'have no version; other parameters are in the tests of each route',
    },
  },
  version_unsupported: {
    evidence: { requested: '9.9', supported: expect.stringMatching(/^\d\.\d/) },
    on: {
      ...everywhere((scene, cell) => ask(scene, cell, 'SendMessage', { headers: { 'a2a-version': '9.9' } })),
      'own routes': 'have no version',
    },
  },
  operation_unsupported: {
    evidence: { capability: 'streaming' },
    on: {
      ...everywhere((scene, cell) => ask(scene, cell, 'SendStreamingMessage', { agentId: 'plain' })),
      'own routes': 'have no operations',
    },
  },
  push_unsupported: {
    evidence: {},
    on: {
      ...everywhere((scene, cell) =>
        ask(scene, cell, 'ListTaskPushNotificationConfigs', { agentId: 'plain' }),
      ),
      'own routes': 'take no push configurations',
    },
  },
  webhook_refused: {
    evidence: { rule: 'address:private' },
    on: {
      ...everywhere((scene, cell) => {
        const params = creation(cell, { id: 'c-1', url: 'https://10.0.0.1/hook' });
        return ask(scene, cell, 'CreateTaskPushNotificationConfig', { params });
      }),
      'own routes': 'take no push configurations',
    },
  },
  task_not_found: {
    evidence: {},
    on: {
      ...everywhere((scene, cell) => ask(scene, cell, 'GetTask', { agentId: 'keeper' })),
      'own routes': 'know no tasks',
    },
  },
  context_refused: {
    evidence: {},
    on: {
      ...everywhere(async (scene, cell) => {
        const contextId = `context-of-bob-${cell.replace(' ', '-')}`;
        scene.agent.script(taskAgent({ taskId: `task-of-bob-${cell}`, contextId }));
        const token = await scene.issuer.token({ sub: 'bob', client_id: 'bob' });
        await ask(scene, 'HTTP+JSON 1.0', 'SendMessage', { agentId: 'keeper', token });
        return ask(scene, cell, 'SendMessage', { agentId: 'keeper', params: messageOf(cell, { contextId }) });
      }),
      'own routes': 'know no contexts',
    },
  },
};
