/** UTF-16 units of a stranger's text that are recorded. */
const maxRecordedChars = 512;

/** A text of a stranger as it is recorded: what is longer than 512 characters ends there, with `…` behind. */
export function shortened<T extends string | undefined>(text: T): T | string {
  if (text === undefined || text.length <= maxRecordedChars) return text;
  return `${text.slice(0, maxRecordedChars)}…`;
}
