/** A shard that no worker like this one will ever do: another attempt would be in vain. */
export class UnusableTask extends Error {}
