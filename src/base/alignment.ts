/** How a face is cut out for a network; written into models, so that whoever feeds them can do the same. */
import { z } from 'zod';

/** Ways to bring a face onto a template. */
export const ALIGNMENT_TEMPLATES = ['outer-eyes-and-nose', 'inner-eyes-and-bottom-lip', 'similarity'] as const;
export type AlignmentTemplate = (typeof ALIGNMENT_TEMPLATES)[number];

export const alignmentSchema = z.object({
  template: z.enum(ALIGNMENT_TEMPLATES),
  /** How much more is seen on each side, as a fraction of the size. */
  margin: z.number().gt(-0.5).max(4),
});

export type Alignment = z.infer<typeof alignmentSchema>;
