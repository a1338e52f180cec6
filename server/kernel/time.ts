/** The only place that reads the machine's time; everything else sees the tenant's virtual clock. */

/** Real wall-clock time in milliseconds since the epoch. */
export const realNowMs = (): number => Date.now()

/** Monotonic milliseconds, for measuring how long real work took. */
export const monotonicMs = (): number => performance.now()

/** Waits in real time; for supervisors and pollers only, never to wait for a virtual date. */
export const realSleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
