/** The learning rate at a step, counted from 0 over the whole training. */
export type Schedule = (step: number) => number;

/** The same rate throughout. */
export function constantRate(rate: number): Schedule {
  return () => rate;
}

/** Keras's time-based decay: rate / (1 + decay · step). */
export function timeDecay(rate: number, decay: number): Schedule {
  return (step) => rate / (1 + decay * step);
}

/** Falls from `rate` to 0 along half a cosine over `steps` steps (Loshchilov & Hutter 2017, without restarts). */
export function cosineDecay(rate: number, steps: number): Schedule {
  return (step) => (rate / 2) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps));
}

/** Multiplies the rate by `factor` after every `interval` steps. */
export function stepDecay(rate: number, factor: number, interval: number): Schedule {
  return (step) => rate * factor ** Math.floor(step / interval);
}

/** Rises linearly to the schedule's own rate over the first `steps` steps, then follows it from its start. */
export function withWarmUp(schedule: Schedule, steps: number): Schedule {
  if (steps === 0) return schedule;
  return (step) => (step < steps ? (schedule(0) * (step + 1)) / steps : schedule(step - steps));
}

/** The same schedule, multiplied by a factor from a step on. */
export function withFactor(schedule: Schedule, factor: number, from: number): Schedule {
  return (step) => (step < from ? schedule(step) : schedule(step) * factor);
}
