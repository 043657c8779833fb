/** Something calls can go to. */
export interface Choice {
  /** Its share of the calls, against the others' weights. */
  readonly weight: number;
  /** Calls and streams under way. */
  readonly underWay: number;
}

/**
 * The one with the least under way for its weight; among equals one by chance, in proportion to the weights. So shares
 * are the weights' both where nothing is under way and where much is.
 *
 * @returns undefined where there is none
 */
export function leastBusy<C extends Choice>(choices: readonly C[], random: () => number): C | undefined {
  const [first, ...others] = choices;
  // The usual case without a list.
  if (first === undefined || others.length === 0) return first;
  let equals = [first];
  for (const choice of others) {
    const [best = first] = equals;
    // Compared without dividing, which would make equals differ.
    const more = choice.underWay * best.weight - best.underWay * choice.weight;
    if (more < 0) equals = [choice];
    else if (more === 0) equals.push(choice);
  }
  return byWeight(equals, random);
}

function byWeight<C extends Choice>(choices: readonly C[], random: () => number): C | undefined {
  let left = random() * choices.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = choices.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  // Chance next to 1 is rounded up to all of it.
  return chosen ?? choices.at(-1);
}
