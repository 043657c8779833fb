/** What answers later whatever it is asked. */
type Asynchronous<Part> = Record<keyof Part, (...args: never[]) => Promise<unknown>>;

/**
 * A part of the store whose code is loaded with the first call of one of its methods: most functions never make one, and
 * each would read and compile it at its start.
 */
export function later<Part extends Asynchronous<Part>>(load: () => Promise<Part>): Part {
  let loading: Promise<Part> | undefined;
  const call =
    (name: keyof Part) =>
    async (...args: never[]) => {
      loading ??= load();
      const part = await loading;
      return part[name](...args);
    };
  // Every member of such a part is a method that answers later, so each may load the part first.
  return new Proxy({} as Part, { get: (_, name) => call(name as keyof Part) });
}
