import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** Works without a script, a font or an image, in light and dark, with a keyboard and a screen reader. */
const style = `
:root { color-scheme: light dark; }
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 12vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; }
form { display: grid; gap: 0.75rem; }
button { font: inherit; text-align: start; padding: 0.75rem 1rem; border-radius: 0.5rem; border: 1px solid; cursor: pointer; }
button:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
small { display: block; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

export interface Page {
  title: string;
  /** Markup; whatever comes from outside has passed {@link escapeHtml}. */
  body: string;
  /** Where the page's form may lead, redirects included, beside its own origin. */
  formTargets?: readonly string[];
}

export function renderPage({ title, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

export function pageHeaders({ formTargets = [] }: Page): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

export function sendPage(response: ServerResponse, status: number, page: Page): void {
  response.writeHead(status, pageHeaders(page)).end(renderPage(page));
}

export function failurePage(explanation: string): Page {
  return { title: 'Sign-in failed', body: `<p>${escapeHtml(explanation)}</p>` };
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
