export interface SupervisionState {
  /** Whether the part still does its work, as far as it can tell; not whether Redis or Postgres answers. */
  alive: boolean;
  status: string;
  /** The status that was told last. */
  toldStatus: string;
  sinceBeatMs: number;
}

/**
 * What the service manager should hear now; empty when there is nothing to say.
 *
 * @param beatEveryMs how often the watchdog is fed; null when there is none
 */
export function nextMessage(state: SupervisionState, beatEveryMs: number | null): string[] {
  const isNews = state.status !== state.toldStatus;
  const isDue = beatEveryMs !== null && state.alive && state.sinceBeatMs >= beatEveryMs;
  return [...(isDue ? ['WATCHDOG=1'] : []), ...(isNews ? [`STATUS=${state.status}`] : [])];
}
