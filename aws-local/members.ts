import { TemplateError } from './template.ts';

/** Reads members of a resource's properties. @throws TemplateError naming the resource and the member */
export interface Members {
  text(name: string): string;
  optionalText(name: string): string | undefined;
  /** CloudFormation takes numbers as texts too. */
  number(name: string, absent: number): number;
  flag(name: string): boolean;
  list(name: string): readonly unknown[];
  /** Values that are no text are left out. */
  texts(name: string): Readonly<Record<string, string>>;
  /** Members of an object; of an empty one where there is none. */
  object(name: string): Members;
  objects(name: string): readonly Members[];
}

export function membersOf(value: unknown, where: string): Members {
  if (typeof value !== 'object' || value === null) throw new TemplateError(`${where} is no object`);
  const members = value as Readonly<Record<string, unknown>>; // Any object is.
  const wrong = (name: string, what: string) => new TemplateError(`${where}.${name} is no ${what}`);
  const reader: Members = {
    text(name) {
      const member = members[name];
      if (typeof member !== 'string') throw wrong(name, 'text');
      return member;
    },
    optionalText: (name) => (members[name] === undefined ? undefined : reader.text(name)),
    number(name, absent) {
      const member = Number(members[name] ?? absent);
      if (Number.isNaN(member)) throw wrong(name, 'number');
      return member;
    },
    flag: (name) => members[name] === true || members[name] === 'true',
    list(name) {
      const member = members[name] ?? [];
      if (!Array.isArray(member)) throw wrong(name, 'list');
      return member;
    },
    texts: (name) =>
      Object.fromEntries(
        Object.entries(members[name] ?? {}).filter(
          (entry): entry is [string, string] => typeof entry[1] === 'string',
        ),
      ),
    object: (name) => membersOf(members[name] ?? {}, `${where}.${name}`),
    objects: (name) => reader.list(name).map((element, at) => membersOf(element, `${where}.${name}.${at}`)),
  };
  return reader;
}
