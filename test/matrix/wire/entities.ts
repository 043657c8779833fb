import type { Json, Spelled } from './spelling.ts';

/** The objects of A2A by hand in every spelling, with members that nobody knows and numbers that no double can hold. */

type Members = Readonly<Record<string, Json>>;

const numbers = { big: '#9007199254740993', one: '#1.0', small: '#1e-7', list: ['#-0', '#3.10'] };
const unknown = { 'x-unknown': { kept: ['#1.50', null, true] } };
const file = { mimeType: 'application/octet-stream', name: 'b.bin' };
const image = { mimeType: 'image/png', name: 'a.png' };
const imageUrl = 'https://files.example/a.png?x=1#y';

const parts: Spelled<readonly Json[]> = {
  '1.0': [
    { text: 'grüße 🌍', metadata: { lang: 'de' } },
    { raw: 'AAEC/w==', mediaType: file.mimeType, filename: file.name },
    { url: imageUrl, mediaType: image.mimeType, filename: image.name },
    { data: numbers, metadata: { of: 'data' } },
  ],
  '0.3': [
    { kind: 'text', text: 'grüße 🌍', metadata: { lang: 'de' } },
    { kind: 'file', file: { bytes: 'AAEC/w==', ...file } },
    { kind: 'file', file: { uri: imageUrl, ...image } },
    { kind: 'data', data: numbers, metadata: { of: 'data' } },
  ],
  '0.3 proto': [
    { text: 'grüße 🌍', metadata: { lang: 'de' } },
    { file: { fileWithBytes: 'AAEC/w==', ...file } },
    { file: { fileWithUri: imageUrl, ...image } },
    { data: { data: numbers }, metadata: { of: 'data' } },
  ],
};

const about = { metadata: numbers, extensions: ['urn:example:e'], ...unknown };

export function userMessage(members: Members = {}): Spelled<Members> {
  const common = { messageId: 'm-1', ...about, ...members };
  return {
    '1.0': { ...common, role: 'ROLE_USER', parts: parts['1.0'] },
    '0.3': { ...common, kind: 'message', role: 'user', parts: parts['0.3'] },
    '0.3 proto': { ...common, role: 'ROLE_USER', content: parts['0.3 proto'] },
  };
}

export function agentMessage(): Spelled<Members> {
  const common = { messageId: 'm-2', contextId: 'c-1', ...about };
  return {
    '1.0': { ...common, role: 'ROLE_AGENT', parts: parts['1.0'] },
    '0.3': { ...common, kind: 'message', role: 'agent', parts: parts['0.3'] },
    '0.3 proto': { ...common, role: 'ROLE_AGENT', content: parts['0.3 proto'] },
  };
}

/** States by the name each spelling has for them. */
export const states = {
  submitted: ['TASK_STATE_SUBMITTED', 'submitted', 'TASK_STATE_SUBMITTED'],
  working: ['TASK_STATE_WORKING', 'working', 'TASK_STATE_WORKING'],
  completed: ['TASK_STATE_COMPLETED', 'completed', 'TASK_STATE_COMPLETED'],
  failed: ['TASK_STATE_FAILED', 'failed', 'TASK_STATE_FAILED'],
  canceled: ['TASK_STATE_CANCELED', 'canceled', 'TASK_STATE_CANCELLED'],
  rejected: ['TASK_STATE_REJECTED', 'rejected', 'TASK_STATE_REJECTED'],
  inputRequired: ['TASK_STATE_INPUT_REQUIRED', 'input-required', 'TASK_STATE_INPUT_REQUIRED'],
  authRequired: ['TASK_STATE_AUTH_REQUIRED', 'auth-required', 'TASK_STATE_AUTH_REQUIRED'],
} as const;
export type State = keyof typeof states;
export const stateNames = Object.keys(states) as readonly State[];

export function status(state: State): Spelled<Members> {
  const [latest, legacy, proto] = states[state];
  const timestamp = '2026-01-02T03:04:05.678Z';
  const said = agentMessage();
  return {
    '1.0': { state: latest, message: said['1.0'], timestamp, ...unknown },
    '0.3': { state: legacy, message: said['0.3'], timestamp, ...unknown },
    '0.3 proto': { state: proto, message: said['0.3 proto'], timestamp, ...unknown },
  };
}

export function artifact(): Spelled<Members> {
  const common = { artifactId: 'a-1', name: 'output', description: 'What came out.', ...about };
  return {
    '1.0': { ...common, parts: parts['1.0'] },
    '0.3': { ...common, parts: parts['0.3'] },
    '0.3 proto': { ...common, parts: parts['0.3 proto'] },
  };
}

export function task(state: State): Spelled<Members> {
  const common = { id: 't-1', contextId: 'c-1', metadata: numbers, ...unknown };
  const [now, made, said] = [status(state), artifact(), userMessage({ taskId: 't-1', contextId: 'c-1' })];
  return {
    '1.0': { ...common, status: now['1.0'], artifacts: [made['1.0']], history: [said['1.0']] },
    '0.3': { ...common, kind: 'task', status: now['0.3'], artifacts: [made['0.3']], history: [said['0.3']] },
    '0.3 proto': {
      ...common,
      status: now['0.3 proto'],
      artifacts: [made['0.3 proto']],
      history: [said['0.3 proto']],
    },
  };
}

const ofTask = { taskId: 't-1', contextId: 'c-1', metadata: numbers, ...unknown };

/** @param isFinal as 0.3 says it */
export function statusUpdate(state: State, isFinal: boolean): Spelled<Members> {
  const now = status(state);
  return {
    '1.0': { ...ofTask, status: now['1.0'] },
    '0.3': { ...ofTask, kind: 'status-update', status: now['0.3'], final: isFinal },
    '0.3 proto': { ...ofTask, status: now['0.3 proto'], final: isFinal },
  };
}

export function artifactUpdate(append: boolean, lastChunk: boolean): Spelled<Members> {
  const [made, common] = [artifact(), { ...ofTask, append, lastChunk }];
  return {
    '1.0': { ...common, artifact: made['1.0'] },
    '0.3': { ...common, kind: 'artifact-update', artifact: made['0.3'] },
    '0.3 proto': { ...common, artifact: made['0.3 proto'] },
  };
}

/** What is bare in 0.3 JSON is a member elsewhere. @param protoMember what the 0.3 proto calls the member */
export function wrapped(member: string, value: Spelled, protoMember = member): Spelled {
  return {
    '1.0': { [member]: value['1.0'] },
    '0.3': value['0.3'],
    '0.3 proto': { [protoMember]: value['0.3 proto'] },
  };
}

/** @param given in place of what a caller sets */
export function pushConfig(
  given: { url?: string; token?: string; credentials?: string } = {},
): Spelled<Members> {
  const { url = 'https://127.0.0.1/1', token = 'told', credentials = 'of-the-hook' } = given;
  const common = { id: 'p-1', url, token };
  const latest = { ...common, taskId: 't-1', authentication: { scheme: 'Bearer', credentials } };
  const legacy = { ...common, authentication: { schemes: ['Bearer'], credentials } };
  return {
    '1.0': latest,
    '0.3': { taskId: 't-1', pushNotificationConfig: legacy },
    '0.3 proto': { name: 'tasks/t-1/pushNotificationConfigs/p-1', pushNotificationConfig: legacy },
  };
}
