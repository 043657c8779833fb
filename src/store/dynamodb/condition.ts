import type { Item } from './item.ts';
import { partitionKey } from './table.ts';

/** What a write demands of the item as it is: that there is none, that there is one, or what its attributes are. */
export type Condition = 'absent' | 'present' | Readonly<Item> | Expression;

/** A condition in DynamoDB's own words. */
export interface Expression {
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Item;
}

export function toExpression(condition: Condition): Expression {
  if (condition === 'absent' || condition === 'present') {
    const test = condition === 'absent' ? 'attribute_not_exists' : 'attribute_exists';
    return { ConditionExpression: `${test}(#pk)`, ExpressionAttributeNames: { '#pk': partitionKey } };
  }
  if (isExpression(condition)) return condition;
  const parts = Object.entries(condition);
  return {
    ConditionExpression: parts.map((_, n) => `#${n} = :${n}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(parts.map(([name], n) => [`#${n}`, name])),
    ExpressionAttributeValues: Object.fromEntries(parts.map(([, value], n) => [`:${n}`, value])),
  };
}

function isExpression(condition: Readonly<Item> | Expression): condition is Expression {
  return typeof condition.ConditionExpression === 'string';
}
