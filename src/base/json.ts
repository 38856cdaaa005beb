/** The value of a JSON text; undefined, which no schema that is asked next accepts, when it is none. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
