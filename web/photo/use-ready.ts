import { useEffect, useState } from 'preact/hooks';
import { engine } from '../engine/engine.js';
import type { Ready } from '../engine/messages.js';

export type Start = Ready | { readonly error: string } | undefined;

/** Starts the worker; undefined until its networks are loaded. */
export function useReady(): Start {
  const [start, setStart] = useState<Start>();
  useEffect(() => {
    engine.ask('start', null).then(setStart, (error: unknown) => setStart({ error: (error as Error).message }));
  }, []);
  return start;
}
