import { useEffect, useRef, useState } from 'preact/hooks';

/** A section that the server has written: HTML without scripts, in which everything from files is escaped. */
export interface WrittenSection {
  readonly title: string;
  readonly html: string;
}

/** Sections one below the other. Tables that were opened stay open when the section is written anew. */
export function Sections({ sections }: { readonly sections: readonly WrittenSection[] }) {
  return (
    <>
      {sections.map((section) => (
        <Section key={section.title} {...section} />
      ))}
    </>
  );
}

export function Section({ title, html }: WrittenSection) {
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = content.current!;
    const open = [...element.querySelectorAll('details')].map((details) => details.open);
    element.innerHTML = html;
    element.querySelectorAll('details').forEach((details, index) => (details.open = open[index] ?? false));
  }, [html]);
  const id = `section-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <div ref={content} />
    </section>
  );
}

interface Progress {
  readonly done: number;
  readonly total: number;
  readonly verb: string;
}

/** Sections that take the server a while: how far it is, and then what it wrote. */
export function WriteUp({ address }: { readonly address: string }) {
  const [progress, setProgress] = useState<Progress>();
  const [sections, setSections] = useState<readonly WrittenSection[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const source = new EventSource(address);
    const on = (name: string, take: (data: never) => void): void =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => take(JSON.parse(data) as never));
    const end = (): void => source.close();
    on('progress', setProgress);
    const fail = (message: string): void => {
      end();
      setProblem(message);
    };
    on('sections', (written: readonly WrittenSection[]) => {
      end();
      setSections(written);
    });
    on('failed', ({ message }: { message: string }) => fail(message));
    source.onerror = () => fail('The server does not answer. Is ageband serve still running?');
    return end;
  }, [address]);
  if (problem !== undefined) {
    return (
      <p class="notice" role="alert">
        {problem}
      </p>
    );
  }
  if (sections !== undefined) return <Sections sections={sections} />;
  return (
    <div class="progress" role="status">
      <progress max={progress?.total ?? 1} value={progress?.done} aria-label="Progress" />
      <p>{progress === undefined ? 'Reading the run …' : `${progress.done} of ${progress.total} pictures ${progress.verb}`}</p>
    </div>
  );
}
