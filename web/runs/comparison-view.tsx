import { WriteUp } from './written.js';

/** Runs side by side, measured on the same pictures. */
export function ComparisonView({ ids }: { readonly ids: readonly string[] }) {
  const query = ids.map((id) => `run=${encodeURIComponent(id)}`).join('&');
  return (
    <>
      <p class="crumb">
        <a href="#/runs">Runs</a>
      </p>
      <h1>{ids.join(' – ')}</h1>
      {ids.length < 2 ? <p class="notice">Choose two or more runs to compare.</p> : <WriteUp address={`/v1/runs/comparison?${query}`} />}
    </>
  );
}
