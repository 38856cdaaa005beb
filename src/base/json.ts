/** The value of a JSON text; undefined, which no schema that is asked next accepts, when it is none. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** Whether lists and objects lie in each other deeper than so many levels: functions that call themselves may then fail. */
export function isNestedBeyond(levels: number, value: unknown): boolean {
  let layer: unknown[] = [value];
  for (let level = 0; level <= levels; level++) {
    layer = layer.flatMap((item): unknown[] => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    if (layer.length === 0) return false;
  }
  return true;
}
