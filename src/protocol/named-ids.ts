import { isRecord } from './json.ts';
import type { Operation } from './operations.ts';
import { pushConfigIdsIn, taskIdIn } from './v0_3/resource-name.ts';

/** Every id a request names, wherever it stands (A2A §3.4). */
export interface NamedIds {
  /** Of the message, of what it refers to, of its webhook, of the path. */
  taskIds: readonly string[];
  contextIds: readonly string[];
}

/** A member that names something, and how: by an id, or by a resource name of the 0.3 proto. */
export interface NamingMember {
  path: readonly string[];
  kind: 'task' | 'context';
  /** Takes the id out of the member's text. Undefined for what is no such name. */
  idIn(text: string): string | undefined;
}

/** How one form or another names the task it is about, and a lenient agent may in every form. */
const taskMembers = ['id', 'taskId', 'name', 'parent'] as const;

/**
 * Which members of an operation's requests name a task or a context: of the guarded ones, judged by their names alone, and
 * where it is about a task also those by which it would be in another form. What a list is asked for is a filter: it names
 * nothing.
 *
 * @param guarded in one version and binding, those of the path included
 */
export function namingMembers(operation: Operation, guarded: readonly string[]): readonly NamingMember[] {
  if (operation.name === 'ListTasks') return [];
  const isAboutTask = guarded.includes('id') || guarded.includes('taskId');
  const members = new Set([...guarded, ...(isAboutTask ? taskMembers : [])]);
  return [...members].flatMap((member) => {
    const path = member.split('.');
    const naming = namingBy(path, operation, guarded);
    return naming === undefined ? [] : [{ path, ...naming }];
  });
}

/**
 * The guarded members with those by which a task would be named in another form: as an agent that reads them takes no other
 * spelling for one, none is to slip by in it.
 */
export function withNaming(guarded: readonly string[], naming: readonly NamingMember[]): readonly string[] {
  return [...new Set([...guarded, ...naming.map(({ path }) => path.join('.'))])];
}

const asId = { kind: 'task', idIn: (text: string) => text } as const;

function namingBy(
  path: readonly string[],
  { capability }: Operation,
  guarded: readonly string[],
): Omit<NamingMember, 'path'> | undefined {
  const isOfPush = capability === 'pushNotifications';
  switch (path.at(-1)) {
    case 'contextId':
      return { ...asId, kind: 'context' };
    case 'taskId':
    case 'referenceTaskIds':
      return asId;
    case 'id':
      // Beside a task's id it is a push configuration's, and so is every one inside.
      return path.length === 1 && !(isOfPush && guarded.includes('taskId')) ? asId : undefined;
    case 'name':
    case 'parent':
      return { kind: 'task', idIn: isOfPush ? (text) => pushConfigIdsIn(text)?.taskId : taskIdIn };
    default:
      return undefined;
  }
}

/**
 * Every task and context a request names. Null and the empty text are absence; what is no text `checkGuardedValues` has
 * refused.
 *
 * @param places what is said in path, query and body, each by itself, so that no place hides what stands in another
 */
export function namedIds(
  members: readonly NamingMember[],
  places: readonly Readonly<Record<string, unknown>>[],
): NamedIds {
  const found = { task: new Set<string>(), context: new Set<string>() };
  for (const { path, kind, idIn } of members) {
    for (const place of places) {
      for (const text of textsAt(place, path)) {
        const id = idIn(text);
        if (id !== undefined && id !== '') found[kind].add(id);
      }
    }
  }
  return { taskIds: [...found.task], contextIds: [...found.context] };
}

function textsAt(place: unknown, path: readonly string[]): string[] {
  let value = place;
  for (const name of path) value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((text) => typeof text === 'string');
}
