/** What begins a link, an image, a tag, a code or an emphasis where plain text is shown as Markdown or HTML. */
const markup = /[<>[\]{}`*|\\~^]|!(?=\[)/gu;
/** By which viewers know addresses and make links of them by themselves: other people's names must not lead anywhere. */
const linkStart = /:\/\/|\b(?:www|ftp)\.|(?<=\b(?:mailto|javascript|data|xmpp)):(?=\S)/giu;
/** Control, format and bidirectional characters, halves of surrogate pairs, and what no script has assigned. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu;
/** Marks beyond this many on one letter cover the lines around. */
const piledMarks = /(\p{M}{3})\p{M}+/gu;

/**
 * Somebody else's words, such as an agent's name, as part of one line of our own: without markup, links, line ends and
 * what cannot be seen, and at most `maxChars` long. What it says stays: whoever reads it must still take it for data.
 */
export function plainText(text: string, maxChars: number): string {
  const visible = text
    // Before anything is looked at: compatibility forms of brackets would become the real ones later.
    .normalize('NFKC')
    .replace(invisible, ' ')
    .replace(markup, ' ')
    .replace(linkStart, ' ')
    .replace(piledMarks, '$1')
    .replace(/\s+/gu, ' ')
    .trim();
  const chars = Array.from(visible);
  return chars.length <= maxChars
    ? visible
    : `${chars
        .slice(0, maxChars - 1)
        .join('')
        .trimEnd()}…`;
}
