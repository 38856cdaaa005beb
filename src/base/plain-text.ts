const LONGEST = 500;

/** Text from elsewhere in a form that a terminal can show: without control characters, in one line, and not too long. */
export function plainText(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return visible.length > LONGEST ? `${visible.slice(0, LONGEST)} ...` : visible;
}
