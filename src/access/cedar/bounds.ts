/** Characters of a condition. */
export const maxConditionChars = 4_096;
/** Brackets within each other. */
const maxBrackets = 16;
/** What makes an expression deeper: brackets, and operators that stand in a chain. */
const maxSteps = 128;
/** Expressions within each other: each `&&` of a chain is one more. */
const maxLevels = 32;

// Cedar parses, checks and evaluates by recursion, and where the stack ends its memory is left unusable. Parsing takes some
// 7 kB of stack for a step and 20 kB for a bracket, evaluating 10 kB for a level, once V8 has optimized its code, which takes
// more stack than at first. Node.js has 984 kB: the bounds leave more than half of it.

/** What is wrong with a text before Cedar parses it. */
export function textProblem(condition: string): string | undefined {
  if (condition.length > maxConditionChars) return `longer than ${maxConditionChars} characters`;
  // A comment ends with its line: whoever reads the text must see the ends that Cedar sees. What turns the direction of
  // a text is seen by nobody.
  if (/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/u.test(condition))
    return 'holds control or format characters, or half a character';
  const { brackets, steps } = measured(condition);
  if (brackets > maxBrackets) return `more than ${maxBrackets} brackets within each other`;
  if (steps > maxSteps) return `more than ${maxSteps} operators and brackets`;
  return undefined;
}

/** What is wrong with a parsed expression before Cedar checks or evaluates it. */
export function depthProblem(expression: unknown): string | undefined {
  // An expression is an object with one member, which says what it is, and the parts of it below.
  if (nesting(expression) <= 2 * maxLevels) return undefined;
  return `more than ${maxLevels} expressions within each other, as in a chain of operators: sets take any number`;
}

function nesting(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(nesting));
}

/** A string, a comment, or what counts. */
const token = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|&&|\|\||\bif\b|[.+\-*!([{)\]}]/gsu;

function measured(condition: string): { brackets: number; steps: number } {
  let brackets = 0;
  let steps = 0;
  let open = 0;
  for (const [text] of condition.matchAll(token)) {
    if (text.startsWith('"') || text.startsWith('//')) continue;
    if (')]}'.includes(text)) {
      open -= 1;
      continue;
    }
    steps += 1;
    if ('([{'.includes(text)) open += 1;
    brackets = Math.max(brackets, open);
  }
  return { brackets, steps };
}
