/** The ways to make a map that there are, by the names of their papers. */
export const MAP_METHODS = ['grad-cam', 'grad-cam++', 'hires-cam', 'cam'] as const;
export type MapMethod = (typeof MAP_METHODS)[number];

/** What a map is made with where no method is named; by deletion and insertion it is the most faithful (docs/explain.md). */
export const DEFAULT_METHOD: MapMethod = 'hires-cam';

/** The names by which readers know them. */
export const METHOD_NAMES: Readonly<Record<MapMethod, string>> = {
  'grad-cam': 'Grad-CAM',
  'grad-cam++': 'Grad-CAM++',
  'hires-cam': 'HiResCAM',
  cam: 'Class activation map',
};
