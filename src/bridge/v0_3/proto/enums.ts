import { type Place, refuse } from '../place.ts';

/** A value of an enumeration in the 0.3 proto, in core, and the number that ProtoJSON takes for it too. */
type Value = readonly [name: string, coreName: string, number: number];

const roles: readonly Value[] = [
  ['ROLE_UNSPECIFIED', 'ROLE_UNSPECIFIED', 0],
  ['ROLE_USER', 'ROLE_USER', 1],
  ['ROLE_AGENT', 'ROLE_AGENT', 2],
];

const taskStates: readonly Value[] = [
  ['TASK_STATE_UNSPECIFIED', 'TASK_STATE_UNSPECIFIED', 0],
  ['TASK_STATE_SUBMITTED', 'TASK_STATE_SUBMITTED', 1],
  ['TASK_STATE_WORKING', 'TASK_STATE_WORKING', 2],
  ['TASK_STATE_COMPLETED', 'TASK_STATE_COMPLETED', 3],
  ['TASK_STATE_FAILED', 'TASK_STATE_FAILED', 4],
  ['TASK_STATE_CANCELLED', 'TASK_STATE_CANCELED', 5],
  ['TASK_STATE_INPUT_REQUIRED', 'TASK_STATE_INPUT_REQUIRED', 6],
  ['TASK_STATE_REJECTED', 'TASK_STATE_REJECTED', 7],
  ['TASK_STATE_AUTH_REQUIRED', 'TASK_STATE_AUTH_REQUIRED', 8],
];

/** A value nobody here knows passes as it is: who reads it may know it. */
function translation(to: ReadonlyMap<unknown, string>) {
  return (value: unknown, at: Place): unknown =>
    typeof value === 'string' || typeof value === 'number'
      ? (to.get(value) ?? value)
      : refuse(at, 'is no text');
}

function translations(values: readonly Value[]) {
  const numbered = <T>(pick: (value: Value) => [T, string]) =>
    new Map<unknown, string>(
      values.flatMap((value) => {
        const [from, to] = pick(value);
        return [[from, to] as const, [value[2], to] as const];
      }),
    );
  return {
    toCore: translation(numbered(([name, coreName]) => [name, coreName])),
    fromCore: translation(numbered(([name, coreName]) => [coreName, name])),
  };
}

/** Who says a message; spelled alike in both, but for the numbers. */
export const role = translations(roles);

/** The state of a task, whose cancelling has two L in the 0.3 proto. */
export const taskState = translations(taskStates);
