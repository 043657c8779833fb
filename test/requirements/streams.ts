import { type Clauses, overHttp } from './clause.ts';

/** Answers that come event by event: A2A §3.1.2, §3.1.6, §3.5.2, §9.4.2, §10.7, §11.7. */
export const streamClauses = {
  'A2A-3.1.2-first-event': {
    ...everywhereIn1,
    section: 'A2A 3.1.2',
    level: 'MUST',
    says: 'the first event is the task or the message, also where an agent of 0.3 begins with an update',
  },
  'A2A-3.1.2-ends-as-the-agent': {
    ...everywhere,
    section: 'A2A 3.1.2',
    level: 'MUST',
    says: 'a stream ends when the agent ends it, whatever the state of the task',
  },
  'A2A-3.1.2-no-total': {
    section: 'A2A 3.1.2',
    level: 'MUST',
    says: 'a stream may last as long as it has something to say',
  },
  'A2A-3.1.2-message-stream': {
    ...everywhere,
    section: 'A2A 3.1.2',
    level: 'MUST',
    says: 'a stream of one message is that one event',
  },
  'A2A-3.5.2-order': {
    ...everywhere,
    section: 'A2A 3.5.2',
    level: 'MUST',
    says: 'events arrive in the order the agent sent them',
  },
  'A2A-3.5.2-any-split': {
    ...everywhere,
    section: 'A2A 3.5.2',
    level: 'MUST',
    says: 'however the bytes of a stream arrive, the events are the same',
  },
  'A2A-3.5.2-leaving': {
    ...everywhere,
    section: 'A2A 3.5.2',
    level: 'MUST',
    says: 'a caller who leaves a stream releases the agent, and cancels nothing',
  },
  'A2A-3.5.2-several-subscribers': {
    ...everywhere,
    section: 'A2A 3.5.2',
    level: 'MUST',
    says: 'several who subscribe to one task get the same events in the same order, and do not end each other',
  },
  'A2A-7.6.1-interrupted': {
    ...everywhere,
    section: 'A2A 7.6.1',
    level: 'SHOULD',
    says: 'the gateway ends no stream because a task asks for input or for authentication',
  },
  'A2A-0.3-7.2-final': {
    section: 'A2A 0.3 7.2',
    level: 'MUST',
    says: 'the event after which the agent ends its stream is the final one, for callers of 0.3',
    bindings: ['JSON-RPC', 'HTTP+JSON', 'gRPC'],
    versions: ['0.3'],
  },
  'A2A-9.4.2-as-they-come': {
    section: 'A2A 9.4.2',
    level: 'MUST',
    says: 'each event is a whole JSON-RPC response under the id of the call, and is relayed before the next has come',
    bindings: ['JSON-RPC'],
    versions: ['1.0'],
  },
  'A2A-11.7-as-they-come': {
    section: 'A2A 11.7',
    level: 'MUST',
    says: 'each event is a bare StreamResponse, and is relayed before the next has come',
    bindings: ['HTTP+JSON'],
    versions: ['1.0'],
  },
  'A2A-10.7-server-stream': {
    ...grpc,
    section: 'A2A 10.7',
    level: 'MUST',
    says: 'over gRPC events are the messages of a server stream, relayed before the next has come',
  },
  'A2A-9.4.2-broken': {
    ...everywhere,
    section: 'A2A 9.4.2',
    level: 'MAY',
    says: 'a stream that breaks off ends with an event that says so in the words of the binding, and with no half event',
  },
  'A2A-3.1.2-refused-stream': {
    section: 'A2A 3.1.2',
    level: 'MUST',
    says: 'a stream that the agent refuses is answered by its error, not by an event',
    bindings: ['JSON-RPC'],
  },
  'SSE-9.2.6-unknown-fields': {
    section: 'WHATWG HTML 9.2.6',
    level: 'MUST',
    says: 'comments, ids, retry times and unknown fields of an event stream survive, with every line end it may have',
    bindings: ['JSON-RPC', 'HTTP+JSON'],
    versions: ['1.0'],
  },
  'SSE-9.2.7-comments': {
    section: 'WHATWG HTML 9.2.7',
    level: 'MAY',
    says: 'silence is broken by comments, never within an event, so that nothing between takes the stream for dead',
    bindings: ['JSON-RPC', 'HTTP+JSON'],
    versions: ['1.0'],
  },
  'SSE-9.2.3-last-event-id': {
    section: 'WHATWG HTML 9.2.3',
    level: 'MAY',
    says: 'a caller who subscribes again with Last-Event-ID gets what it missed',
    bindings: ['JSON-RPC', 'HTTP+JSON'],
    versions: ['1.0', '0.3'],
    except: { 'HTTP+JSON 0.3': 'shown in the others, which share it' },
  },
} as const satisfies Clauses;
