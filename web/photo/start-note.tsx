import type { Start } from './use-ready.js';

/** What the page computes with, and that photos stay where they are. */
export function StartNote({ start }: { readonly start: Start }) {
  if (start === undefined) return <p class="note">Loading the networks …</p>;
  if ('error' in start) return <p class="notice">{start.error}</p>;
  const { model, provider } = start;
  return (
    <p class="note">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 0 0 0-4 0z" />
      </svg>
      Photos never leave this page. The model <strong>{model.id}</strong> runs in your browser, on the{' '}
      {provider === 'webgpu' ? 'graphics processor (WebGPU)' : 'CPU'}.
    </p>
  );
}
