/** Counts as texts. */

/** An integer with commas between the thousands: `51,980,936`. */
export function withCommas(count: number): string {
  return count.toLocaleString('en-GB');
}

/** How many of something per second: `7.3`, `120`, `17,681`. */
export function rateText(perSecond: number): string {
  return perSecond < 99.95 ? perSecond.toFixed(1) : withCommas(Math.round(perSecond));
}

/** `1 picture`, `2 pictures`, `1,200 pictures`. */
export function counted(count: number, noun: string): string {
  return `${withCommas(count)} ${noun}${count === 1 ? '' : 's'}`;
}
