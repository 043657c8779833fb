import type { Configuration, errors, Provider } from 'oidc-provider';

export interface ProviderLibrary {
  errors: typeof errors;
  createProvider(issuer: string, configuration: Configuration): Provider;
}

let imported: Promise<ProviderLibrary> | undefined;

/**
 * The library, imported at the first call: it is a part of newcomer mode alone, and it speaks when imported.
 *
 * It says that Node 20 and in-memory state are not for production. This issuer is not either, and a newcomer's
 * terminal is for what matters; the library writes to the console with no setting against it. So its own warnings
 * are dropped for as long as it is imported and constructed, and at no other time; all others pass.
 */
export function importProvider(): Promise<ProviderLibrary> {
  imported ??= importQuietly();
  return imported;
}

async function importQuietly(): Promise<ProviderLibrary> {
  const speakAgain = hushProvider();
  try {
    const { Provider, errors } = await import('oidc-provider');
    return {
      errors,
      createProvider: (issuer, configuration) => createQuietly(Provider, issuer, configuration),
    };
  } finally {
    speakAgain();
  }
}

function createQuietly(Library: typeof Provider, issuer: string, configuration: Configuration): Provider {
  const speakAgain = hushProvider();
  try {
    return new Library(issuer, configuration);
  } finally {
    speakAgain();
  }
}

function hushProvider(): () => void {
  const { console } = globalThis;
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('oidc-provider WARNING:')) warn.apply(console, words);
  };
  return () => {
    console.warn = warn;
  };
}
