import { useEffect, useState } from 'preact/hooks';

/** What came of each kind of event last, from a stream of the server; it is opened again when it breaks. */
export function useStream<Events extends object>(address: string): { readonly events: Partial<Events>; readonly isBroken: boolean } {
  const [events, setEvents] = useState<Partial<Events>>({});
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    const source = new EventSource(address);
    source.onopen = () => setBroken(false);
    source.onerror = () => setBroken(true);
    for (const name of ['runs', 'summary', 'curves']) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        setEvents((all) => ({ ...all, [name]: JSON.parse(data) as unknown }));
      });
    }
    return () => source.close();
  }, [address]);
  return { events, isBroken };
}

/** The time in ms since 1970, every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
