/** Text as it may stand in XML, which has no place for control characters. */
export function xmlText(text: string): string {
  return text.replace(/\p{C}/gu, ' ').replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)!};`);
}
