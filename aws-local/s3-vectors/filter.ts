import { check } from './service-error.ts';

/** What a vector may have as metadata. */
export type MetadataValue = string | number | boolean | (string | number | boolean)[];
export type Metadata = Record<string, MetadataValue>;

type Predicate = (metadata: Metadata) => boolean;
type Primitive = string | number | boolean;

const maxDepth = 16;
/** Of buckets made since 2026-09-30. */
const maxValues = 100;

/**
 * A filter as a function, by the operators that the service's documentation lists. That `$in` takes a list of which one
 * value is among those asked for is not said there; here it does not.
 *
 * @throws ServiceError `ValidationException` for an operator there is not, an operand it does not take, or a key that was
 *   declared as not filterable
 */
export function toPredicate(filter: unknown, nonFilterableKeys: readonly string[], depth = 0): Predicate {
  check(depth < maxDepth, 'the filter is nested too deeply');
  check(depth > 0 || valuesIn(filter) <= maxValues, `a filter has at most ${maxValues} values`);
  const conditions = Object.entries(objectOf(filter)).map(([name, operand]): Predicate => {
    if (name === '$and' || name === '$or') {
      const parts = nonEmptyListOf(operand).map((part) => toPredicate(part, nonFilterableKeys, depth + 1));
      return name === '$and'
        ? (metadata) => parts.every((part) => part(metadata))
        : (metadata) => parts.some((part) => part(metadata));
    }
    check(!name.startsWith('$'), `no such operator: ${name}`);
    check(!nonFilterableKeys.includes(name), `the metadata key ${name} is not filterable`);
    return ofKey(name, operand);
  });
  check(conditions.length > 0, 'a filter must not be empty');
  return (metadata) => conditions.every((condition) => condition(metadata));
}

/** Text it is read from has bounded its depth. */
function valuesIn(filter: unknown): number {
  if (typeof filter !== 'object' || filter === null) return 1;
  return Object.values(filter).reduce((sum: number, part) => sum + valuesIn(part), 0);
}

function ofKey(name: string, operand: unknown): Predicate {
  const read = (metadata: Metadata) => (Object.hasOwn(metadata, name) ? metadata[name] : undefined);
  if (isPrimitive(operand)) return (metadata) => equals(read(metadata), operand);
  const tests = Object.entries(objectOf(operand)).map(([operator, wanted]) => testOf(operator, wanted));
  check(tests.length > 0, 'a condition must not be empty');
  return (metadata) => tests.every((test) => test(read(metadata)));
}

type Test = (value: MetadataValue | undefined) => boolean;

function testOf(operator: string, wanted: unknown): Test {
  switch (operator) {
    case '$eq':
      check(isPrimitive(wanted), '$eq takes a string, a number or a boolean');
      return (value) => equals(value, wanted);
    case '$ne':
      check(isPrimitive(wanted), '$ne takes a string, a number or a boolean');
      return (value) => value !== undefined && !equals(value, wanted);
    case '$in':
    case '$nin': {
      const list = nonEmptyListOf(wanted);
      check(list.every(isPrimitive), `${operator} takes a list of strings, numbers or booleans`);
      const isIn: Test = (value) => (list as unknown[]).includes(value);
      return operator === '$in' ? isIn : (value) => value !== undefined && !isIn(value);
    }
    case '$exists':
      check(typeof wanted === 'boolean', '$exists takes a boolean');
      return (value) => (value !== undefined) === wanted;
    default:
      return compared(operator, wanted);
  }
}

function compared(operator: string, wanted: unknown): Test {
  const comparisons: Record<string, (value: number, limit: number) => boolean> = {
    $gt: (value, limit) => value > limit,
    $gte: (value, limit) => value >= limit,
    $lt: (value, limit) => value < limit,
    $lte: (value, limit) => value <= limit,
  };
  const comparison = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  check(comparison !== undefined, `no such operator: ${operator}`);
  check(typeof wanted === 'number', `${operator} takes a number`);
  return (value) => typeof value === 'number' && comparison(value, wanted);
}

/** A list equals each of its elements. */
function equals(value: MetadataValue | undefined, wanted: Primitive): boolean {
  return Array.isArray(value) ? value.includes(wanted) : value === wanted;
}

export function isPrimitive(value: unknown): value is Primitive {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function objectOf(value: unknown): object {
  check(typeof value === 'object' && value !== null && !Array.isArray(value), 'a filter is an object');
  return value;
}

function nonEmptyListOf(value: unknown): unknown[] {
  check(Array.isArray(value) && value.length > 0, 'a list that is not empty is needed');
  return value;
}
