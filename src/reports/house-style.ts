/** How everything looks that is shown on a screen, in light and dark: colours, type, figures, tables, plots, pictures. */
export const HOUSE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #fcfcfb; --ink: #22262b; --faint: #5a616a; --rule: #e2e4e6; --panel: #f2f4f5;
  --blue: #0072b2; --vermilion: #c25400; --green: #007a58; --warn: #8a4b00; --warn-panel: #fdf1dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181b; --ink: #e9ebed; --faint: #a4abb3; --rule: #33383e; --panel: #1f2327;
    --blue: #5cb8f0; --vermilion: #ff9d4d; --green: #3ecf9f; --warn: #ffc66b; --warn-panel: #33260f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.55 "Atkinson Hyperlegible", system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
a { color: var(--blue); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; border-radius: 2px; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 1rem; }
.notice {
  border-left: 4px solid var(--warn); background: var(--warn-panel); color: var(--ink);
  padding: .7rem 1rem; margin: 1rem 0; max-width: 48rem; overflow-wrap: anywhere;
}
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.6rem, 1fr)); gap: 1px; margin: 0;
  background: var(--rule); border: 1px solid var(--rule); border-radius: 6px; overflow: hidden; }
.figures > div { background: var(--page); padding: .85rem .85rem .95rem; }
.figures dt { font-size: .86rem; color: var(--faint); }
.figures dd { margin: 0; }
.figures .value { font-size: 1.9rem; line-height: 1.25; font-weight: 700; }
.figures .note { font-size: .85rem; color: var(--faint); }
.figures > div:first-child .value { color: var(--blue); }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .95rem; }
caption { text-align: left; color: var(--faint); font-size: .9rem; padding-bottom: .4rem; }
th, td { padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
thead :is(th, td) { font-weight: 700; border-bottom: 1px solid var(--faint); white-space: nowrap; vertical-align: bottom; }
tbody th { font-weight: 400; }
.short tr > :first-child { white-space: nowrap; position: sticky; left: 0; background: var(--page); }
tbody th, td { overflow-wrap: break-word; max-width: 34rem; }
table:not(.short) tbody th { min-width: 12rem; }
.tight td { white-space: nowrap; }
.right { text-align: right; white-space: nowrap; padding-left: .6rem; }
tr > :last-child { padding-right: 0; }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem 2rem; align-items: flex-start; margin: 1rem 0; }
figure { margin: 0; min-width: 0; max-width: 100%; }
.plots svg { display: block; max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) { @media screen { .shaded { filter: invert(1) hue-rotate(180deg); } } }
details { margin-top: .25rem; }
summary { cursor: pointer; color: var(--faint); font-size: .9rem; padding: .3rem 0; width: fit-content; }
pre { background: var(--panel); border-radius: 6px; padding: .9rem 1rem; margin: 1rem 0; overflow-x: auto;
  font: .9rem/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1.5rem 1.25rem; margin: 1.25rem 0; padding: 0; }
.pictures.paired { grid-template-columns: repeat(auto-fill, minmax(15.5rem, 1fr)); }
.pictures .views { display: flex; gap: 4px; }
.pictures img { display: block; flex: 1 1 0; min-width: 0; max-width: 8.5rem; aspect-ratio: 1; object-fit: contain; background: var(--panel); border-radius: 3px; }
figcaption { font-size: .88rem; line-height: 1.4; margin-top: .4rem; overflow-wrap: anywhere; }
figcaption span { display: block; color: var(--faint); }
figcaption span:first-child { color: var(--ink); font-weight: 700; }
`;
