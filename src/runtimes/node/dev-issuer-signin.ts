import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { InteractionResults, Provider } from 'oidc-provider';
import type { DevClient } from './dev-issuer-clients.ts';
import { escapeHtml, failurePage, type Page, sendPage } from './dev-issuer-pages.ts';

const maxFormBytes = 4096;

/** What the cancel button sends in place of a user. */
const cancelled = '';

export interface SignIn {
  /** Answers requests to an interaction's URL: GET shows the page, POST takes the choice. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/**
 * The sign-in of newcomer mode: a page with one button a user and no password, because the users are inventions.
 * The interaction's cookie ties the choice to the browser that asked; it is SameSite, so no other site can choose.
 */
export function createSignIn(options: {
  provider: Provider;
  users: readonly DevClient[];
  redirectOrigins: readonly string[];
}): SignIn {
  const { provider, users, redirectOrigins } = options;

  async function choose(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const choice = await choiceOf(request);
    if (choice === undefined || !(choice === cancelled || users.some((user) => user.clientId === choice))) {
      sendPage(response, 400, failurePage('There is no such user.'));
      return;
    }
    await provider.interactionFinished(request, response, resultOf(choice), {
      mergeWithLastSubmission: false,
    });
  }

  return {
    async handle(request, response) {
      try {
        // Finds the interaction by its cookie; a stale tab or a bookmarked page has none.
        await provider.interactionDetails(request, response);
        if (request.method === 'POST') await choose(request, response);
        else sendPage(response, 200, signInPage(users, redirectOrigins));
      } catch {
        sendPage(response, 400, failurePage('This sign-in has expired. Go back and start again.'));
      }
    },
  };
}

function resultOf(choice: string): InteractionResults {
  if (choice === cancelled) return { error: 'access_denied', error_description: 'sign-in was cancelled' };
  return { login: { accountId: choice } };
}

/** The `user` of the form, if the body is the form. */
async function choiceOf(request: IncomingMessage): Promise<string | undefined> {
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(length <= maxFormBytes)) return undefined;
  return new URLSearchParams(await text(request)).get('user') ?? undefined;
}

function signInPage(users: readonly DevClient[], formTargets: readonly string[]): Page {
  const buttons = users.map(({ clientId, scopes }) => {
    const name = escapeHtml(clientId);
    const may = scopes.length === 0 ? 'no scopes' : escapeHtml(scopes.join(', '));
    return `<button name="user" value="${name}">${name}<small>${may}</small></button>`;
  });
  const body = `<p>Development only: choose who you are.</p>
<form method="post">
${buttons.join('\n')}
<button name="user" value="${cancelled}">Cancel</button>
</form>`;
  return { title: 'Sign in', body, formTargets };
}
