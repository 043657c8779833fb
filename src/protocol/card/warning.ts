/** A deviation from the specification that was tolerated, and where (RFC 6901 JSON Pointer into the card as read). */
export interface CardWarning {
  path: string;
  code: CardWarningCode;
  /** With `left_out` only: how many more there are. */
  count?: number;
}

export type CardWarningCode = keyof typeof texts;

const texts = {
  byte_order_mark: 'byte-order mark skipped',
  member_unknown: 'not a member of the specification; dropped',
  member_respelled: 'not the specified spelling; read as the member meant',
  member_missing: 'missing; a default is used',
  value_converted: 'not of the specified type; converted',
  value_dropped: 'not usable; dropped',
  text_cleaned: 'control or invisible characters removed',
  mode_respelled: 'not a media type; read as the one meant',
  authentication_dropped: 'replaced by securitySchemes in later versions; dropped',
  version_missing: 'no protocol version; assumed from the layout',
  version_respelled: 'not Major.Minor; shortened',
  version_old: 'a protocol version before 0.3; read as 0.3',
  version_layout: 'a 1.x protocol version in the 0.3 layout; taken at its word',
  binding_respelled: 'not the specified spelling of the binding; read as the one meant',
  interface_dropped: 'not an A2A interface that can be read; dropped',
  interface_repeated: 'repeats another interface; dropped',
  endpoint_dropped: 'the 0.3 endpoint beside supportedInterfaces cannot be relied on; dropped',
  skills_missing: 'no skills; one is made of the name and description',
  skill_id_derived: 'no id; derived from the name',
  skill_id_repeated: 'id used twice; renamed',
  left_out: 'further deviations',
} as const;

/** The warning as one line for people. */
export function cardWarningText({ path, code, count }: CardWarning): string {
  const text = count === undefined ? texts[code] : `${count} ${texts[code]}`;
  return path === '' ? text : `${path}: ${text}`;
}
