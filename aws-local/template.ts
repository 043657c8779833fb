/** A synthesised CloudFormation template, read as far as a local stack needs it. */

export interface TemplateResource {
  Type: string;
  Properties?: Readonly<Record<string, unknown>>;
  Condition?: string;
}

export interface Template {
  Resources: Readonly<Record<string, TemplateResource>>;
  Outputs?: Readonly<Record<string, { Value: unknown }>>;
  Parameters?: Readonly<Record<string, { Type?: string; Default?: unknown }>>;
  Conditions?: Readonly<Record<string, unknown>>;
  Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

/** What a resource is called here; undefined for what nothing is known of. */
export interface LocalValues {
  pseudo: Readonly<Record<string, string>>;
  ref(logicalId: string, type: string): unknown;
  attribute(logicalId: string, type: string, name: string): unknown;
}

export interface LocalResource {
  logicalId: string;
  type: string;
  /** Resolved when asked for, so that what is never looked at may hold anything. @throws TemplateError */
  properties(): Readonly<Record<string, unknown>>;
}

export interface ResolvedTemplate {
  /** Those whose condition holds. */
  resources: readonly LocalResource[];
  /** @throws TemplateError */
  resolve(value: unknown): unknown;
  /** @throws TemplateError */
  outputs(): Readonly<Record<string, unknown>>;
}

/** Something in a template that is not understood here; names it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** Stands for `AWS::NoValue`: the member it is the value of does not exist. */
const noValue = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown) => unknown;

/** Resolves Ref, Fn::GetAtt, Join, Sub, Select, Split, If, FindInMap, the logical functions and pseudo parameters. */
export function resolveTemplate(template: Template, local: LocalValues): ResolvedTemplate {
  const lookups = lookupsIn(template, local);
  const intrinsics: Record<string, Intrinsic> = {
    ...valueIntrinsics(resolve, lookups),
    ...logicalIntrinsics(resolve, holds),
    'Fn::FindInMap': (argument) => {
      const [map = '', first = '', second = ''] = listOf(resolve(argument)).map(String);
      return known(template.Mappings?.[map]?.[first]?.[second], `Fn::FindInMap ${map}.${first}.${second}`);
    },
  };

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((element) => element !== noValue);
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value);
    const [only] = members;
    if (members.length === 1 && only !== undefined && isIntrinsic(...only)) {
      const intrinsic = intrinsics[only[0]];
      if (intrinsic === undefined) throw new TemplateError(`${only[0]} is not understood`);
      return intrinsic(only[1]);
    }
    const resolved = members.map(([name, member]) => [name, resolve(member)] as const);
    return Object.fromEntries(resolved.filter(([, member]) => member !== noValue));
  }

  function holds(condition: string): boolean {
    return resolve(known(template.Conditions?.[condition], `condition ${condition}`)) === true;
  }

  return {
    resources: Object.entries(template.Resources)
      .filter(([, { Condition }]) => Condition === undefined || holds(Condition))
      .map(([logicalId, { Type, Properties = {} }]) => ({
        logicalId,
        type: Type,
        // An object stays one.
        properties: () => resolve(Properties) as Record<string, unknown>,
      })),
    resolve,
    outputs: () =>
      Object.fromEntries(
        Object.entries(template.Outputs ?? {}).map(([name, { Value }]) => [name, resolve(Value)]),
      ),
  };
}

type Resolve = (value: unknown) => unknown;

interface Lookups {
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
}

function lookupsIn(template: Template, local: LocalValues): Lookups {
  return {
    ref(name) {
      if (name === 'AWS::NoValue') return noValue;
      if (name.startsWith('AWS::')) return known(local.pseudo[name], name);
      const parameter = template.Parameters?.[name];
      if (parameter !== undefined) return known(parameter.Default, `parameter ${name} without a default`);
      const { Type } = known(template.Resources[name], `Ref ${name}`);
      return known(local.ref(name, Type), `Ref ${name} (${Type})`);
    },
    attribute(logicalId, name) {
      const { Type } = known(template.Resources[logicalId], `Fn::GetAtt ${logicalId}`);
      return known(local.attribute(logicalId, Type, name), `Fn::GetAtt ${logicalId}.${name} (${Type})`);
    },
  };
}

function valueIntrinsics(resolve: Resolve, { ref, attribute }: Lookups): Record<string, Intrinsic> {
  return {
    Ref: (name) => ref(textOf(name, 'Ref')),
    'Fn::GetAtt': (argument) => {
      const [logicalId = '', ...names] =
        typeof argument === 'string' ? argument.split('.') : listOf(argument);
      return attribute(textOf(logicalId, 'Fn::GetAtt'), names.map(resolve).join('.'));
    },
    'Fn::Join': (argument) => {
      const [separator, parts] = listOf(argument);
      const texts = listOf(resolve(parts)).map((part) => textOf(part, 'Fn::Join'));
      return texts.join(textOf(separator, 'Fn::Join'));
    },
    'Fn::Select': (argument) => {
      const [index, values] = listOf(argument);
      const list = listOf(resolve(values));
      const at = Number(resolve(index));
      if (!(at in list)) throw new TemplateError(`Fn::Select: no element ${at}`);
      return list[at];
    },
    'Fn::Split': (argument) => {
      const [separator, text] = listOf(argument);
      return textOf(resolve(text), 'Fn::Split').split(textOf(separator, 'Fn::Split'));
    },
    'Fn::Sub': (argument) => {
      const [text, variables = {}] = typeof argument === 'string' ? [argument] : listOf(argument);
      const own = new Map(Object.entries(variables as Record<string, unknown>)); // The form Fn::Sub has.
      return textOf(text, 'Fn::Sub').replace(/\$\{([^}]+)\}/g, (_, name: string) => {
        if (name.startsWith('!')) return `\${${name.slice(1)}}`;
        if (own.has(name)) return textOf(resolve(own.get(name)), 'Fn::Sub');
        const [logicalId = '', ...rest] = name.split('.');
        return textOf(rest.length > 0 ? attribute(logicalId, rest.join('.')) : ref(name), 'Fn::Sub');
      });
    },
  };
}

function logicalIntrinsics(
  resolve: Resolve,
  holds: (condition: string) => boolean,
): Record<string, Intrinsic> {
  return {
    'Fn::If': (argument) => {
      const [condition, whenTrue, whenFalse] = listOf(argument);
      return resolve(holds(textOf(condition, 'Fn::If')) ? whenTrue : whenFalse);
    },
    'Fn::Equals': (argument) => {
      const [one, other] = listOf(argument).map(resolve);
      return JSON.stringify(one) === JSON.stringify(other);
    },
    'Fn::Not': (argument) => resolve(listOf(argument)[0]) !== true,
    'Fn::And': (argument) => listOf(argument).every((part) => resolve(part) === true),
    'Fn::Or': (argument) => listOf(argument).some((part) => resolve(part) === true),
    Condition: (name) => holds(textOf(name, 'Condition')),
  };
}

function isIntrinsic(name: string, argument: unknown): boolean {
  // A policy statement may have a Condition too, which is an object.
  return name === 'Ref' || name.startsWith('Fn::') || (name === 'Condition' && typeof argument === 'string');
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TemplateError(`${what} has no local value`);
  return value;
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`a list was expected, not ${JSON.stringify(value)}`);
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new TemplateError(`${where}: a text was expected, not ${JSON.stringify(value)}`);
}
