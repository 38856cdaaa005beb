/** Index of the largest probability of a picture; of equal ones the first. @param probabilities [classes] */
export function likeliest(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < probabilities.length; index++) if (probabilities[index]! > probabilities[best]!) best = index;
  return best;
}
