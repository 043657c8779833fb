import { type Place, refuse } from './place.ts';

/** A value of an enumeration in 0.3, in core, and the number that ProtoJSON takes for it too. */
type Value = readonly [name: string, coreName: string, number: number];

const roles: readonly Value[] = [
  ['user', 'ROLE_USER', 1],
  ['agent', 'ROLE_AGENT', 2],
];

const taskStates: readonly Value[] = [
  ['unknown', 'TASK_STATE_UNSPECIFIED', 0],
  ['submitted', 'TASK_STATE_SUBMITTED', 1],
  ['working', 'TASK_STATE_WORKING', 2],
  ['completed', 'TASK_STATE_COMPLETED', 3],
  ['failed', 'TASK_STATE_FAILED', 4],
  ['canceled', 'TASK_STATE_CANCELED', 5],
  ['input-required', 'TASK_STATE_INPUT_REQUIRED', 6],
  ['rejected', 'TASK_STATE_REJECTED', 7],
  ['auth-required', 'TASK_STATE_AUTH_REQUIRED', 8],
];

/** Both translations of an enumeration. A value nobody here knows passes as it is: who reads it may know it. */
function translations(values: readonly Value[]) {
  const toCore = new Map<unknown, string>(values.map(([name, coreName]) => [name, coreName]));
  const fromCore = new Map<unknown, string>(
    values.flatMap(([name, coreName, number]): [unknown, string][] => [
      [coreName, name],
      [number, name],
    ]),
  );
  return {
    toCore: (value: unknown, at: Place): unknown =>
      typeof value === 'string' ? (toCore.get(value) ?? value) : refuse(at, 'is no text'),
    fromCore: (value: unknown, at: Place): unknown =>
      typeof value === 'string' || typeof value === 'number'
        ? (fromCore.get(value) ?? value)
        : refuse(at, 'is no text'),
  };
}

/** Who says a message (A2A §4.1.5, 0.3 §6.4). */
export const role = translations(roles);

/** The state of a task (A2A §4.1.3, 0.3 §6.3). */
export const taskState = translations(taskStates);
