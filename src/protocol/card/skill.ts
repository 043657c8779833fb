import type { AgentSkill } from '../card.ts';
import { readModes } from './modes.ts';
import { type CardReader, type Found, readItems, readMembers } from './reader.ts';
import { clipped, readText, readTexts } from './text.ts';

// Security of its own is dropped unread: every skill is reached under the gateway's security.
const skillMembers = [
  'id',
  'name',
  'description',
  'tags',
  'examples',
  'inputModes',
  'outputModes',
  'security',
  'securityRequirements',
] as const;
type SkillMembers = Record<(typeof skillMembers)[number], Found>;

/**
 * The skills of a card. A skill given as a bare text is one of that name. Ids are unique in the result: nothing in
 * the protocol refers to them, so a second use gets a number appended.
 * A card without skills, which §5.7 does not allow, gets one made of its name and description, so that what is
 * published is valid and the agent can be found.
 */
export function readSkills(
  reader: CardReader,
  found: Found,
  agent: { name: string; description: string },
): AgentSkill[] {
  const items = readItems(reader, found, reader.limits.maxSkills);
  const ids = new Set<string>();
  const skills = items.map((item) => {
    const skill = readSkill(reader, item);
    const id = uniqueId(skill.id, ids, reader.limits.maxNameLength);
    if (id !== skill.id) reader.warn({ path: `${item.path}/id` }, 'skill_id_repeated');
    return { ...skill, id };
  });
  if (skills.length > 0) return skills;
  reader.warn(found, 'skills_missing');
  return [{ id: slug(agent.name, 'skill'), name: agent.name, description: agent.description, tags: [] }];
}

/** The id, or the id with the first number that makes it new; adds it to `taken`. */
export function uniqueId(id: string, taken: Set<string>, maxLength: number): string {
  let unique = id;
  for (let number = 2; taken.has(unique); number += 1) {
    const suffix = `-${number}`;
    unique = `${clipped(id, maxLength - suffix.length)}${suffix}`;
  }
  taken.add(unique);
  return unique;
}

function readSkill(reader: CardReader, item: Found): AgentSkill {
  const members = membersOf(reader, item);
  if (members === undefined) return { id: '', name: '', description: '', tags: [] };
  const { id, name } = readIdentity(reader, item, members);
  const { maxTextLength, maxNameLength, maxTags, maxExamples } = reader.limits;
  const prose = { kind: 'prose', maxLength: maxTextLength } as const;
  const description = readText(reader, members.description, prose);
  if (description === undefined) reader.warn(members.description, 'member_missing');
  if (members.tags.value === undefined) reader.warn(members.tags, 'member_missing');
  const lists = {
    examples: readTexts(reader, members.examples, prose, maxExamples),
    inputModes: readModes(reader, members.inputModes),
    outputModes: readModes(reader, members.outputModes),
  };
  return {
    id,
    name,
    description: description ?? name,
    tags: readTexts(reader, members.tags, { kind: 'line', maxLength: maxNameLength }, maxTags),
    ...(lists.examples.length > 0 && { examples: lists.examples }),
    ...(lists.inputModes.length > 0 && { inputModes: lists.inputModes }),
    ...(lists.outputModes.length > 0 && { outputModes: lists.outputModes }),
  };
}

function membersOf(reader: CardReader, item: Found): SkillMembers | undefined {
  if (typeof item.value !== 'string') return readMembers(reader, item, skillMembers);
  reader.warn(item, 'value_converted');
  return readMembers(reader, { value: { name: item.value }, path: item.path }, skillMembers);
}

/** Each of id and name stands in for the other; refuses neither. */
function readIdentity(reader: CardReader, item: Found, members: SkillMembers): { id: string; name: string } {
  const rule = { maxLength: reader.limits.maxNameLength, essential: true, numbers: true } as const;
  const before = reader.problems;
  const id = readText(reader, members.id, { ...rule, kind: 'key' });
  const name = readText(reader, members.name, { ...rule, kind: 'line' });
  if (reader.problems > before) return { id: '', name: '' };
  if (id === undefined && name === undefined) {
    reader.refuse(members.id, 'required');
    return { id: '', name: '' };
  }
  if (id === undefined) reader.warn(members.id, 'skill_id_derived');
  if (name === undefined) reader.warn(members.name, 'member_missing');
  const position = item.path.slice(item.path.lastIndexOf('/') + 1);
  return { id: id ?? slug(name ?? '', `skill-${position}`), name: name ?? id ?? '' };
}

/** The letters and digits of a name, of any script, as an id. */
function slug(name: string, fallback: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return clipped(words.join('-'), 64) || fallback;
}
